/// Kernels: what a launch computes ([dev.sinter.ir.kernel.TileKernel]) and how the CPU does it
/// ([dev.sinter.ir.kernel.LoopKernel]).
package dev.sinter.ir.kernel;
