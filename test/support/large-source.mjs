/*
 * node large-source.mjs change|transaction|empty NUMBER
 * Writes a source that no repository should hold: a change of NUMBER MiB between four small ones, a transaction of
 * NUMBER MB in one record, NUMBER thousand empty transactions.
 */
import { once } from 'node:events';

const [kind, number] = [process.argv[2], Number(process.argv[3])];

const write = async (text) => {
    if (!process.stdout.write(text)) {
        await once(process.stdout, 'drain');
    }
};

const change = (id, value) =>
    `{"kind":"insert","schema":"public","table":"t","columnnames":["id","x"],"columntypes":["integer","text"],"columnvalues":[${id},"${value}"]}`;

async function writeChange() {
    const piece = 'x'.repeat(1 << 20);
    const [head, tail] = change(3, '|').split('|');
    await write(`{"change":[${change(1, 'a')}]}\n{"change":[${change(2, 'b')},${head}`);
    for (let mebibyte = 0; mebibyte < number; mebibyte++) {
        await write(piece);
    }
    await write(`${tail},${change(4, 'd')}]}\n{"change":[${change(5, 'e')}]}\n`);
}

async function writeTransaction() {
    await write('{"xid":7,"change":[');
    let bytes = 0;
    for (let id = 0; bytes < number * 1e6; ) {
        let text = '';
        for (let row = 0; row < 500; row++, id++) {
            text += `${id === 0 ? '' : ','}${change(id, `${id}-`.padEnd(1_000, 'y'))}`;
        }
        bytes += text.length;
        await write(text);
    }
    await write(']}\n');
}

async function writeEmpty() {
    for (let thousand = 0; thousand < number; thousand++) {
        await write('{"xid":1,"change":[]}\n'.repeat(1_000));
    }
}

await { change: writeChange, transaction: writeTransaction, empty: writeEmpty }[kind]();
