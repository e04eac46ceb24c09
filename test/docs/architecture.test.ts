import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { sourceFiles } from '../support/source-files.ts';
import { readPages } from './pages.ts';

/** The folders of the tree in docs/architecture.md, a level for each two blanks: `capture/frame`. */
function foldersOfTree(): string[] {
    const page = readPages().find(({ name }) => name === 'docs/architecture.md');
    const tree = page?.blocks.find(({ lines }) => lines[0] === 'src/')?.lines ?? [];
    const path: string[] = [];
    return tree.slice(1).flatMap((line) => {
        const [, blanks, name] = /^((?: {2})+)([a-z0-9-]+)\/ {2,}\S/.exec(line) ?? [];
        if (blanks === undefined || name === undefined) {
            return [];
        }
        path.splice(blanks.length / 2 - 1, Number.POSITIVE_INFINITY, name);
        return [path.join('/')];
    });
}

it('docs/architecture.md shows the folders of src/, and no others', () => {
    const folders = sourceFiles()
        .flatMap(({ name }) => [dirname(name), dirname(dirname(name))])
        .filter((folder) => folder !== '.');
    expect(foldersOfTree().sort()).toEqual([...new Set(folders)].sort());
});
