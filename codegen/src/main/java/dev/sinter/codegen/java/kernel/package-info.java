/// Kernels for the CPU as Java: each function of a [dev.sinter.ir.kernel.LoopKernel] a static
/// method, the kernels of a tier one class.
package dev.sinter.codegen.java.kernel;
