/** Resources of the program under attack: tokens for the first are JWTs, for the second opaque. */
export const points = 'https://points.xenia.example/api';
export const till = 'https://till.xenia.example/api';
