import { once } from 'node:events';
import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { SAMPLES } from '../sample/samples.ts';
import type { RunCommand } from './command.ts';
import { wholeNumber } from './whole-number.ts';

export const sample: RunCommand = async ({ options }, words) => {
    const name = words[0] ?? '';
    const found = Object.entries(SAMPLES).find(([known]) => known === name)?.[1];
    if (found === undefined) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `there is no sample "${name}"`,
            found: didYouMeanOrList(name, Object.keys(SAMPLES), 'samples'),
            next: 'name one of them',
        });
    }
    const chunks = found.generate({
        ...(options.records === undefined ? {} : { records: wholeNumber(options.records, '--records') }),
        ...(options.seed === undefined ? {} : { seed: wholeNumber(options.seed, '--seed') }),
        ...oneOf(options.shape, 'shape', ['array', 'lines'] as const),
        ...oneOf(options.mix, 'mix', ['inserts', 'changes'] as const),
    });
    for (const chunk of chunks) {
        if (!process.stdout.write(chunk)) {
            await once(process.stdout, 'drain');
        }
    }
    return 0;
};

function oneOf<Name extends string, Value extends string>(
    value: unknown,
    name: Name,
    allowed: readonly Value[],
): Partial<Record<Name, Value>> {
    if (value === undefined) {
        return {};
    }
    const found = allowed.find((one) => one === value);
    if (found === undefined) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `--${name} cannot be "${String(value)}"`,
            found: `expected ${allowed.join(' or ')}`,
            next: `correct --${name}`,
        });
    }
    return { [name]: found } as Record<Name, Value>;
}
