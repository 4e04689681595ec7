package dev.sinter.passes.gpu;

import dev.sinter.ir.kernel.ThreadKernel.Grid;
import dev.sinter.ir.kernel.ThreadKernel.SharedArray;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import java.util.List;

/// What a schedule makes of a kernel: the part of a thread kernel that it decides.
record Lowered(Grid grid, List<SharedArray> shared, List<Step> body) {}
