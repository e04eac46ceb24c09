import { WIDTH_MAX } from './quote.ts';

/** A text in lines of at most `WIDTH_MAX` characters, as far as its words allow; all but the first begin with `indent`. */
export function wrapWords(text: string, indent: string): string {
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(' ')) {
        if (line !== '' && line.length + 1 + word.length > WIDTH_MAX) {
            lines.push(line);
            line = indent + word;
        } else {
            line = line === '' ? word : `${line} ${word}`;
        }
    }
    return [...lines, line].join('\n');
}
