package dev.sinter.codegen.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.interpreter.ThreadEvaluator;
import dev.sinter.ir.interpreter.TileEvaluator;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Runs a kernel by its definition and by its threads on the same numbers, and compares.
///
/// @param tile the kernel
/// @param sizes the values of its sizes
/// @param seed of the numbers
record GpuRun(TileKernel tile, Map<String, Long> sizes, long seed) {
  /// Fails unless `threads`, and their legal form, compute what the kernel says, but for
  /// `tolerance` relative to 1 and to the value.
  void check(ThreadKernel threads, double tolerance) {
    List<Tensor> expected = memory();
    TileEvaluator.run(tile, expected, new Bindings(sizes));
    for (ThreadKernel form : List.of(threads, PtxLegalizer.legalize(threads))) {
      List<Tensor> actual = memory();
      ThreadEvaluator.run(form, actual, new Bindings(sizes));
      for (int b = 0; b < actual.size(); b++) {
        compare(actual.get(b), expected.get(b), tolerance, tile.buffers().get(b).name());
      }
    }
  }

  /// Numbers around 0 in every buffer, results included: what is not written is seen.
  List<Tensor> memory() {
    Random random = new Random(seed);
    List<Tensor> memory = new ArrayList<>();
    for (TileKernel.Buffer buffer : tile.buffers()) {
      long size = new Bindings(sizes).evaluate(buffer.type().size());
      Tensor tensor = Tensor.zeros(buffer.type().dtype(), size);
      for (long i = 0; i < size; i++) {
        if (buffer.type().dtype() == DType.BOOL) {
          tensor.setLong(i, random.nextInt(2));
        } else if (buffer.type().dtype().isInteger()) {
          tensor.setLong(i, random.nextInt(41) - 20);
        } else {
          tensor.setDouble(i, 2 * random.nextGaussian());
        }
      }
      memory.add(tensor);
    }
    return memory;
  }

  private void compare(Tensor actual, Tensor expected, double tolerance, String name) {
    for (long i = 0; i < actual.size(); i++) {
      double a = actual.getDouble(i);
      double e = expected.getDouble(i);
      boolean same =
          Double.compare(a, e) == 0
              || a == e
              || Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e));
      assertThat(same)
          .as("%s of %s, seed %d: %s[%d] is %s, not %s", tile.name(), sizes, seed, name, i, a, e)
          .isTrue();
    }
  }
}
