/// Kernels for the CPU: from what a launch computes to loops, register tiles and vectors.
///
/// [dev.sinter.passes.cpu.Schedules#lower] is the way in.
package dev.sinter.passes.cpu;
