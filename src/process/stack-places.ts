import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** `file:///…/dist/landing.js:12:34`, in a line of a stack. */
const BUILT_PLACE = /(file:\/\/[^\s()]+?\.js):(\d+):(\d+)/g;

/** The stack with its places in `src/`, by the source maps of the build; other places stay unchanged. */
export function withStackPlaces(stack: string): string {
    const maps = new Map<string, SourceMap | null>();
    return stack.replace(BUILT_PLACE, (place, url: string, line: string, column: string) => {
        const map = maps.get(url) ?? readMap(url);
        maps.set(url, map);
        const origin = map?.findOrigin(Number(line), Number(column));
        return origin === undefined || !('fileName' in origin)
            ? place
            : `${sourceName(origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`;
    });
}

function readMap(url: string): SourceMap | null {
    const path = `${fileURLToPath(url)}.map`;
    return existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : null;
}

/** Maps name their sources relative to `dist/`: `../src/land/stream-landing.ts`. */
function sourceName(fileName: string): string {
    return fileName.replace(/^(?:\.\.\/)+/, '');
}
