/// From what a kernel computes to what each thread of a GPU does: schedules, the lowering of three
/// classes of kernels, and the waits and barriers that follow from it.
package dev.sinter.passes.gpu;
