/**
 * `npm run bench:odd`: shapes that are wide or odd, each at a size and at twice the size. Nothing may grow faster than
 * its input: the last column is the CPU time of the larger one as a multiple of the smaller one's, less the start.
 *
 *   --only text      only shapes whose name holds it
 *   --scale 1        of all sizes
 *   --rounds 3       processes a figure
 *   --no-write       print, and leave docs/benchmarks.md alone
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measuredProcess } from './measured-process.ts';
import { SHAPES, type Shape } from './odd-shapes.ts';
import { grouped, machine, markdown, publish } from './report.ts';
import { median } from './statistics.ts';
import { CLI, freshFile, NODE, PROJECT, WORKSHOP } from './workshop.ts';

const { values: options } = parseArgs({
    options: {
        only: { type: 'string', default: '' },
        scale: { type: 'string', default: '1' },
        rounds: { type: 'string', default: '3' },
        'no-write': { type: 'boolean', default: false },
    },
});

/** The median over the rounds. */
interface Figure {
    readonly seconds: number;
    readonly cpuSeconds: number;
    readonly memoryMb: number;
}

const shapes = SHAPES.filter(({ name }) => name.includes(options.only));
const started = (await measure(Number(options.rounds), () => ({ words: ['--version'] }))).cpuSeconds;
const lines: string[][] = [];
for (const shape of shapes) {
    const size = Math.round(shape.size * Number(options.scale));
    const figures = [await ofShape(shape, size), await ofShape(shape, 2 * size)] as const;
    lines.push(line(shape, size, figures));
    process.stderr.write(`${lines.at(-1)?.join(' | ')}\n`);
}
const head = ['shape', 'sizes', 'seconds', 'CPU s', 'memory MB', 'twice the size costs'];
const text = `${machine([])}\n\n${markdown(head, lines)}`;
publish('bench:odd', text, !options['no-write'] && options.only === '');

async function ofShape(shape: Shape, size: number): Promise<Figure> {
    const project = shape.pipeline === 'payments' ? PROJECT : join(WORKSHOP, 'odd-project');
    return await measure(Number(options.rounds), async () => {
        const database = freshFile('odd.db');
        const common = ['--pipeline', shape.pipeline, '--db', database, '--project', project];
        const { before, measured } = shape.inputs(size);
        if (project !== PROJECT) {
            rmSync(project, { recursive: true, force: true });
            if (shape.command === 'run') {
                await elt(['--project', project, 'init', shape.pipeline, '--from', measured]);
            } else {
                mkdirSync(join(project, 'sql', shape.pipeline), { recursive: true });
                await elt([...common, 'migrate']);
            }
        }
        for (const input of before) {
            await elt([...common, '--quiet', 'run', input]);
        }
        return { words: [...common, '--quiet', shape.command, measured] };
    });
}

async function measure(
    rounds: number,
    prepare: () => Promise<{ words: readonly string[] }> | { words: readonly string[] },
): Promise<Figure> {
    const measures: Figure[] = [];
    for (let round = 0; round < rounds; round++) {
        const { words } = await prepare();
        measures.push(await measuredProcess([NODE, CLI, ...words]));
    }
    const of = (key: keyof Figure): number => median(measures.map((one) => one[key]));
    return { seconds: of('seconds'), cpuSeconds: of('cpuSeconds'), memoryMb: of('memoryMb') };
}

async function elt(words: readonly string[]): Promise<void> {
    await measuredProcess([NODE, CLI, ...words]);
}

function line(shape: Shape, size: number, [one, two]: readonly [Figure, Figure]): string[] {
    const pair = (text: (figure: Figure) => string): string => `${text(one)}, ${text(two)}`;
    return [
        shape.name,
        `${grouped(size)}, ${grouped(2 * size)} ${shape.unit}`,
        pair(({ seconds }) => seconds.toFixed(2)),
        pair(({ cpuSeconds }) => cpuSeconds.toFixed(2)),
        pair(({ memoryMb }) => memoryMb.toFixed(0)),
        `${((two.cpuSeconds - started) / (one.cpuSeconds - started)).toFixed(2)} times`,
    ];
}
