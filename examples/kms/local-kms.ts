/**
 * A key service in one file, to show what `SYMBOLON_KMS_MODULE` has to offer. NOT FOR PRODUCTION: its keys lie
 * unprotected in the folder named by `LOCAL_KMS_DIR`. A real module asks a service (AWS KMS, Google Cloud KMS, Azure
 * Key Vault, Vault Transit, a PKCS #11 device) in each of these five functions, and keeps nothing itself.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/** Called once at the start of each process, with its environment. */
export async function createKms(env: Readonly<Record<string, string | undefined>>) {
  const folder = env.LOCAL_KMS_DIR;
  if (!folder) throw new Error('LOCAL_KMS_DIR must name a folder');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const sealingKey = await readOrMake(join(folder, 'sealing.key'));
  const fileOf = (key: string) => join(folder, `${key}.pem`);

  return {
    sealing: {
      /** Stands in front of everything it sealed, so it must stay the same for as long as that is kept. */
      id: 'local',

      /** The context must be bound to the result: most services call it "additional authenticated data". */
      async seal(plain: Buffer, context: string): Promise<Buffer> {
        const iv = randomBytes(12);
        const cipher = createCipheriv('aes-256-gcm', sealingKey, iv).setAAD(Buffer.from(context));
        return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      },

      async open(sealed: Buffer, context: string): Promise<Buffer> {
        const decipher = createDecipheriv('aes-256-gcm', sealingKey, sealed.subarray(0, 12), {
          authTagLength: 16,
        });
        decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-16));
        return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
      },
    },

    signing: {
      /** Not all services have Ed25519: what is left away here, the issuer makes and keeps itself. */
      algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],

      async createKey(algorithm: string): Promise<{ key: string; publicJwk: JsonWebKey }> {
        const key = `${algorithm.toLowerCase()}-${randomUUID()}`;
        const privateKey = await makeKey(algorithm);
        await writeFile(fileOf(key), privateKey.export({ type: 'pkcs8', format: 'pem' }), {
          mode: 0o600,
          flag: 'wx',
        });
        return { key, publicJwk: createPublicKey(privateKey).export({ format: 'jwk' }) };
      },

      /** A signature in the form of JWS. Services that answer ES256 in DER need it turned into r ‖ s here. */
      async sign(key: string, algorithm: string, data: Uint8Array): Promise<Uint8Array> {
        const privateKey = createPrivateKey(await readFile(fileOf(key)));
        if (algorithm === 'EdDSA') return sign(null, data, privateKey);
        if (algorithm === 'ES256')
          return sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
        // 6 is RSA_PKCS1_PSS_PADDING, 1 is RSA_PKCS1_PADDING.
        const pss = algorithm === 'PS256';
        return sign('sha256', data, {
          key: privateKey,
          ...(pss ? { padding: 6, saltLength: 32 } : { padding: 1 }),
        });
      },

      async destroyKey(key: string): Promise<void> {
        await rm(fileOf(key), { force: true });
      },
    },
  };
}

async function makeKey(algorithm: string): Promise<KeyObject> {
  if (algorithm === 'ES256') return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
  if (algorithm === 'EdDSA') return (await generate('ed25519')).privateKey;
  return (await generate('rsa', { modulusLength: 2048 })).privateKey;
}

/** Several processes may start at once: whoever is first makes the file, all read it. */
async function readOrMake(file: string): Promise<Buffer> {
  await writeFile(file, randomBytes(32), { mode: 0o600, flag: 'wx' }).catch((error: { code?: string }) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return readFile(file);
}
