/// What the JIT makes of generated kernels, and what must hold of it: `./sinter bench --suite
/// gates`.
@org.jspecify.annotations.NullMarked
package dev.sinter.benchmarks.gates;
