/**
 * The look of a brand: what a page or mail needs to be unmistakably the brand's. Owns the type, the neutral look of
 * the program itself, the style sheet made of a look and the contrast rules it must meet. Never reads a file and
 * never knows which client belongs to which brand.
 */

/** Colour roles of one scheme, each `#rrggbb`. Components read roles, never colours. */
export interface Tokens {
  /** The brand's main colour: buttons, links, the band at the top. */
  brand: string;
  /** Text and icons on `brand`. */
  onBrand: string;
  /** The brand's second colour; decoration only, never text. */
  accent: string;
  /** Cards and inputs. */
  surface: string;
  /** The page behind the cards. */
  page: string;
  text: string;
  mutedText: string;
  /** Borders of inputs and buttons: at least 3:1 on `surface`. */
  border: string;
  danger: string;
  success: string;
  /** The focus ring: at least 3:1 on `surface` and `page`. */
  focus: string;
}

/** Everything a page or mail needs to look like a brand. Its JSON form is `config/brands/<id>/look.json`. */
export interface BrandLook {
  /** Lower-case id, such as `aurora-air`; part of the style sheet's address. */
  id: string;
  /** The brand's name, such as `Aurora Air`. */
  name: string;
  /** The program's name, such as `Aurora Miles`. */
  programName: string;
  /** Names of all the program's brands, this one included: "One account for …". */
  siblings: string[];
  theme: { light: Tokens; dark: Tokens };
  /** Inline SVG from the repository's own configuration: trusted, decorative, coloured by `currentColor`. */
  logo: string;
  /** Absolute https addresses (http on loopback in development). */
  links: { home: string; help: string; privacy: string; terms: string };
  supportEmail: string;
}
