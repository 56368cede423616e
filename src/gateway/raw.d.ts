/** A file's text as part of the program: vite reads it in tests, `build/bundle.ts` in the executable. */
declare module '*?raw' {
  const text: string;
  // Vite's form.
  // eslint-disable-next-line no-restricted-exports
  export default text;
}
