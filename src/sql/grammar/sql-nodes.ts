import type {
    AstNode,
    Expr,
    FromClause,
    OneSelect,
    Over,
    Select,
    SelectFrom,
    SelectTable,
    SortedColumn,
    Window,
} from 'sqlite3-parser';

/**
 * The nodes of a parsed SELECT under the names that the code uses. What a node's span covers is exact for expressions,
 * names, whole SELECTs and the end of a FROM clause; that of a result column or of a joined table begins too early.
 */
export type SqlNode = AstNode;
export type SqlExpression = Expr;
export type SqlSelect = Select;
/** One side of a `union`, or the whole of a SELECT without one. */
export type SqlCore = OneSelect;
export type SqlSelectFrom = SelectFrom;
export type SqlFrom = FromClause;
export type SqlTable = SelectTable;
export type SqlWindow = Window;
export type SqlOver = Over;
export type SqlSortedColumn = SortedColumn;
