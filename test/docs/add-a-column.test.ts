import { afterAll, describe, expect, it } from 'vitest';
import { type Block, readPages } from './pages.ts';
import { Session } from './session.ts';
import { isStep, takeBlock } from './take-block.ts';

/** Adding a column to `metrics` by nothing but what docs/analysts.md says, and what a person must write for it. */

const page = readPages().find(({ name }) => name === 'docs/analysts.md');
const HEADING = '## Add a column to metrics';

/** The blocks that prepare the page, and those of the section. */
function blocksOfSection(): { readonly before: readonly Block[]; readonly section: readonly Block[] } {
    const lines = page?.text.split('\n') ?? [];
    const from = lines.indexOf(HEADING);
    const to = lines.findIndex((line, index) => index > from && line.startsWith('## '));
    const steps = page?.blocks.filter(isStep) ?? [];
    return {
        before: steps.filter(({ line }) => line < from).slice(0, 1),
        section: steps.filter(({ line }) => from < line && line < to),
    };
}

describe('a column is added to metrics', () => {
    const { before, section } = blocksOfSection();
    const session = new Session();
    afterAll(() => session.dispose());

    const query = (sql: string): string => {
        const [ran] = session.run([{ text: `sqlite3 payments.db "${sql}"`, shown: null, line: 0 }]);
        return (ran?.printed ?? []).join('\n');
    };
    const DIFFERENT = `select count(*) from metrics join current_transaction as payment using (transaction_id)
        where metrics.merchant_reference is distinct from payment.merchant_reference`;

    it('by a migration of one line and one line of the SELECT', () => {
        const migration = section.find(({ marker }) => marker?.key === 'file');
        const code = migration?.lines.filter((line) => line !== '' && !line.startsWith('--'));
        expect(code).toHaveLength(1);
        const edits = section.filter(({ language }) => language === 'diff');
        expect(edits).toHaveLength(1);
        const lines = edits[0]?.lines.filter((line) => /^[-+] /.test(line)).map((line) => line.replace(/,$/, '')) ?? [];
        // The comma of the line before is the other one.
        const added = lines.filter((line) => line.startsWith('+') && !lines.includes(`-${line.slice(1)}`));
        expect(added).toEqual(['+    payment.merchant_reference']);
        expect([...before, ...section].filter(({ marker }) => marker?.key === 'file')).toEqual([migration]);
    });

    it('by the commands of the page', () => {
        for (const block of before) {
            // What the first commands print is compared where the whole page is run.
            session.run(
                block.lines
                    .filter((line) => line.startsWith('$ '))
                    .map((line) => ({ text: line.slice(2), shown: null, line: 0 })),
            );
        }
        for (const block of section.filter((one) => one.language !== 'console')) {
            takeBlock(session, block);
        }
        const ran = session.run([
            { text: 'elt migrate', shown: null, line: 0 },
            { text: 'elt transform', shown: null, line: 0 },
        ]);
        expect(ran.map(({ status }) => status)).toEqual([0, 0]);
        expect(query('select count(*) > 0 from metrics where merchant_reference is not null')).toBe('1');
        expect(query(DIFFERENT)).toBe('0');
    });

    it('and follows each change from then on', () => {
        const more =
            'elt sample payments --mix changes --shape lines --records 400 > later.jsonl && elt run later.jsonl';
        const [ran] = session.run([{ text: more, shown: null, line: 0 }]);
        expect(ran?.status).toBe(0);
        expect(query('select count(*) > 0 from metrics_dirty')).toBe('1');
        expect(query(DIFFERENT)).toBe('0');
        const [verified] = session.run([{ text: 'elt verify', shown: null, line: 0 }]);
        expect(verified?.status, verified?.printed.join('\n')).toBe(0);
    });

    it('to a mart of at most 45 lines of which a person writes all', () => {
        const lines = session.read('sql/payments/marts/metrics.sql').trimEnd().split('\n');
        expect(lines.length).toBeLessThanOrEqual(45);
    });
});
