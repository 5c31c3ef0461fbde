// esbuild runs from then on in the folder in which it was loaded: before a test goes into one that it deletes.
import 'esbuild';
