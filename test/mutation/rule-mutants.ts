import { ARM_MUTANTS } from './arm-mutants.ts';
import { NARROWING_MUTANTS } from './narrowing-mutants.ts';
import type { RuleMutant } from './rule-mutant.ts';

export const RULE_MUTANTS: readonly RuleMutant[] = [...ARM_MUTANTS, ...NARROWING_MUTANTS];
