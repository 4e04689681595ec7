package dev.sinter.codegen.java;

import com.palantir.javapoet.TypeSpec;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;

/// Adds the method that runs a kernel to a class.
interface KernelMethods {
  /// Adds `void name(MemorySegment, long, ..., int..., int part, int parts)` and what it needs.
  void add(TypeSpec.Builder type, String name, LoopKernel kernel, CpuTier tier);
}
