import { describe, expect, it } from '@jest/globals';
import { parseLegalText } from '../../../src/business/layers/legal-markup.ts';

describe('the markup of legal texts', () => {
  it('has a title, one sentence, headings, paragraphs and lists', () => {
    const source =
      '# Title\n\n> One\n> sentence.\n\n## Part\n\nFirst line\nsecond line.\n\n- one\n  and more\n- two\n';
    expect(parseLegalText(source)).toEqual({
      title: 'Title',
      summary: 'One sentence.',
      blocks: [
        { kind: 'heading', text: 'Part' },
        { kind: 'paragraph', text: 'First line second line.' },
        { kind: 'list', items: ['one and more', 'two'] },
      ],
      plain: '# Part\n\nFirst line second line.\n\n- one and more\n- two',
    });
  });

  it('keeps everything else as the characters it is', () => {
    const source = '# T\n\n> S.\n\n<script>alert(1)</script> [x](javascript:1) **bold** &amp;';
    expect(parseLegalText(source)).toMatchObject({
      blocks: [{ kind: 'paragraph', text: '<script>alert(1)</script> [x](javascript:1) **bold** &amp;' }],
    });
  });

  it('joins Japanese lines without a space', () => {
    expect(parseLegalText('# 題\n\n> 文。\n\nポイントは、\n3日以内に\n加算します。')).toMatchObject({
      blocks: [{ text: 'ポイントは、3日以内に加算します。' }],
    });
  });

  it.each([
    ['no title', 'Text', 'begins with "# " and its title'],
    ['no summary', '# T\n\nText', 'has "> " and one sentence of summary after the title'],
    ['no body', '# T\n\n> S.', 'has a body'],
  ])('says when there is %s', (_what, source, fault) => {
    expect(parseLegalText(source)).toEqual({ fault });
  });
});
