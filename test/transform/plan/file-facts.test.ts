import { describe, expect, test } from 'vitest';
import { modelOf } from '../../../src/project/model-files.ts';
import { splitStatements } from '../../../src/sql/statements.ts';
import { type FileFacts, fileFacts, statementsAt } from '../../../src/transform/plan/file-facts.ts';
import { projectFiles } from '../../support/bench-database.ts';

function factsOf(text: string): FileFacts {
    return fileFacts(modelOf('m', 'mart', 'sql/p/marts/m.sql', text));
}

/** As they come out of a stored plan. */
function stored(facts: FileFacts): FileFacts {
    return JSON.parse(JSON.stringify(facts)) as FileFacts;
}

describe('what a plan knows of a file from its text', () => {
    test.each([
        { what: 'no statement', text: '-- row: nothing\n' },
        { what: 'a semicolon in a string and in a comment', text: "select ';' /* ; */ as x; -- ;\nselect 2;" },
        { what: 'a trigger', text: 'create trigger t after insert on x begin delete from y; delete from z; end;\n' },
        { what: 'characters of two units, and line ends of Windows', text: "select '😀';\r\n\r\nselect 'ä';\r\n" },
        { what: 'two statements on a line', text: 'delete from m; insert into m values (1) returning x;' },
    ])('$what: the statements are those of the text', ({ text }) => {
        expect(statementsAt(text, stored(factsOf(text)))).toEqual(splitStatements(text, 'm.sql'));
    });

    test.each(['payments', 'game', 'card_spend', 'cash_flow'])('so of every file of %s', (pipeline) => {
        for (const model of projectFiles(pipeline).models) {
            expect(statementsAt(model.text, stored(fileFacts(model)))).toEqual(splitStatements(model.text, model.file));
        }
    });

    test('what it creates, what hangs on tables, and what the shell of Debian 12 refuses', () => {
        const text = `create table if not exists one (x integer);
drop view if exists two;
create view two as select concat(x, 1) as y from one;
create unique index if not exists one_by_x on one (x);
create index if not exists one_by_y on one (y);
create trigger three after insert on one begin delete from two; end;
`;
        const { creates, views, onTables, newerThanShell } = factsOf(text);
        expect({ creates, views, onTables, line: newerThanShell?.line }).toEqual({
            creates: ['one'],
            views: ['two'],
            onTables: [
                { type: 'index', name: 'one_by_x', table: 'one' },
                { type: 'trigger', name: 'three', table: 'one' },
            ],
            line: 3,
        });
        expect(newerThanShell?.message).toContain('concat() needs SQLite 3.44');
    });
});
