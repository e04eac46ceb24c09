import { MovingTable } from '../support/moving-table.ts';

export const ID = { name: 'id', type: 'integer' };
export const CODE = { name: 'code', type: 'text' };
export const V = { name: 'v', type: 'text' };

export const orders = () =>
    new MovingTable([ID, CODE, V], ['id']).insert(
        { id: 1, code: 'aa', v: 'x' },
        { id: 2, code: 'bb', v: null },
        { id: 3, code: 'cc', v: 'z' },
    );
