package dev.sinter.codegen.java;

import com.palantir.javapoet.MethodSpec;
import dev.sinter.ir.kernel.LoopKernel;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// How a kernel is called: the memory and byte offset of each buffer, the sizes, and which part of
/// how many is to be done.
final class KernelSignature {
  private static final List<String> OWN = List.of("part", "parts");

  private KernelSignature() {}

  /// The method without a body.
  static MethodSpec.Builder of(LoopKernel kernel, String name) {
    MethodSpec.Builder method = MethodSpec.methodBuilder(name);
    JavaNames params = new JavaNames(OWN);
    for (LoopKernel.Buffer buffer : kernel.buffers()) {
      String param = params.member(buffer.name());
      method.addParameter(MemorySegment.class, param);
      method.addParameter(long.class, params.member(param + "At"));
    }
    kernel.sizes().forEach(size -> method.addParameter(int.class, params.member(size)));
    return method.addParameter(int.class, "part").addParameter(int.class, "parts");
  }
}
