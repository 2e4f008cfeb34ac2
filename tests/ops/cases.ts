/** Every case of every op, by family. */
import type { OpCase } from "../check_op.ts";
import { activationCases } from "./activation_cases.ts";
import { angleCases } from "./angle_cases.ts";
import { arithmeticCases } from "./arithmetic_cases.ts";
import { bitCases } from "./bit_cases.ts";
import { attentionCases } from "./attention_cases.ts";
import { comparisonCases } from "./comparison_cases.ts";
import { conv2dCases } from "./conv2d_cases.ts";
import { edgeGradientCases } from "./edge_gradient_cases.ts";
import { cumulativeCases } from "./cumulative_cases.ts";
import { einsumCases } from "./einsum_cases.ts";
import { fusedWindowCases } from "./fused_window_cases.ts";
import { integerCases } from "./integer_cases.ts";
import { layoutCases } from "./layout_cases.ts";
import { lookupCases } from "./lookup_cases.ts";
import { lossCases } from "./loss_cases.ts";
import { matmulCases } from "./matmul_cases.ts";
import { matmulOperandCases } from "./matmul_operand_cases.ts";
import { movementCases } from "./movement_cases.ts";
import { movementChainCases } from "./movement_chain_cases.ts";
import { normalizationCases } from "./normalization_cases.ts";
import { packCases } from "./pack_cases.ts";
import { pool2dCases } from "./pool2d_cases.ts";
import { productAndSpreadCases } from "./product_and_spread_cases.ts";
import { randomCases } from "./random_cases.ts";
import { reduceCases } from "./reduce_cases.ts";
import { resizeCases } from "./resize_cases.ts";
import { scanCases } from "./scan_cases.ts";
import { scatterCases } from "./scatter_cases.ts";
import { signalCases } from "./signal_cases.ts";
import { softmaxCases } from "./softmax_cases.ts";
import { sortingCases } from "./sort_cases.ts";
import { specialValueCases } from "./special_value_cases.ts";
import { tailCases } from "./tail_cases.ts";
import { windowAxesCases } from "./window_axes_cases.ts";

/** All cases. */
export const cases: OpCase[] = [
  ...arithmeticCases,
  ...activationCases,
  ...angleCases,
  ...bitCases,
  ...integerCases,
  ...comparisonCases,
  ...reduceCases,
  ...productAndSpreadCases,
  ...cumulativeCases,
  ...matmulCases,
  ...matmulOperandCases,
  ...einsumCases,
  ...conv2dCases,
  ...pool2dCases,
  ...fusedWindowCases,
  ...windowAxesCases,
  ...resizeCases,
  ...normalizationCases,
  ...attentionCases,
  ...movementCases,
  ...movementChainCases,
  ...layoutCases,
  ...lookupCases,
  ...sortingCases,
  ...scatterCases,
  ...packCases,
  ...lossCases,
  ...randomCases,
  ...scanCases,
  ...signalCases,
  ...specialValueCases,
  ...softmaxCases,
  ...tailCases,
  ...edgeGradientCases,
];
