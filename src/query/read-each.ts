import { EltError } from '../core/errors.ts';

/** The files of questions or figures that can be read; `wrong`: why the others cannot, each of which is an error of its own. */
export function readEach<File>(
    names: readonly string[],
    read: (name: string) => File,
): { readonly files: readonly File[]; readonly wrong: readonly EltError[] } {
    const files: File[] = [];
    const wrong: EltError[] = [];
    for (const name of names) {
        try {
            files.push(read(name));
        } catch (error) {
            if (!(error instanceof EltError)) {
                throw error;
            }
            wrong.push(error);
        }
    }
    return { files, wrong };
}

/** A line about each file that a list or a page leaves out. */
export function leftOutLines(wrong: readonly EltError[]): readonly string[] {
    return wrong.map(({ facts }) => `note: left out, because ${facts.message} (${facts.where})`);
}
