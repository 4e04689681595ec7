package dev.sinter.codegen.java.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.interpreter.LoopEvaluator;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.NaiveTile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// Compares emitted kernels with what their [TileKernel] defines, and with what their loops do, bit
/// for bit.
final class KernelCheck {
  private KernelCheck() {}

  /// Fills the buffers with seeded numbers, runs `kernel` on every tier and in one and in three
  /// parts, and compares each result with the definition's.
  ///
  /// @param tolerance the greatest difference, as a part of `1 + |expected|`
  static void check(TileKernel kernel, Map<String, Long> sizes, double tolerance) {
    for (CpuTier tier : CpuTier.values()) {
      LoopKernel loops = Schedules.lower(kernel, tier);
      int[] widths =
          switch (tier) {
            case REGISTERS_32 -> new int[] {128, 512};
            case REGISTERS_16 -> new int[] {256};
            case SCALAR -> new int[] {32};
          };
      CompiledKernel compiled = CompiledKernel.of(loops, tier, widths[0]);
      for (int width : widths) {
        CompiledKernel wide = compiled.at(width);
        for (int parts : new int[] {1, 3}) {
          String what = tier + ", " + width + " bits\n" + compiled.source();
          check(kernel, loops, wide, sizes, parts, tolerance, what);
        }
      }
    }
  }

  private static void check(
      TileKernel kernel,
      LoopKernel loops,
      CompiledKernel compiled,
      Map<String, Long> sizes,
      int parts,
      double tolerance,
      String what) {
    Map<String, Long> all = new HashMap<>(sizes);
    all.put(LoopKernel.LANES, (long) compiled.lanes());
    List<Tensor> expected = filled(kernel, all);
    List<Tensor> actual = new ArrayList<>();
    expected.forEach(t -> actual.add(padded(t)));
    new NaiveTile(kernel, all, expected).run();
    List<Tensor> evaluated = new ArrayList<>();
    actual.forEach(t -> evaluated.add(padded(t)));
    compiled.run(actual, all, parts);
    LoopEvaluator.run(loops, evaluated, new Bindings(all), compiled.lanes(), parts);
    Set<Integer> written = new HashSet<>();
    kernel.stores().forEach(s -> written.add(s.buffer()));
    for (int b : written) {
      for (long i = 0; i < expected.get(b).size(); i++) {
        compare(expected.get(b), actual.get(b), i, tolerance, "[" + i + "] on " + what);
        if (actual.get(b).dtype().isFloat()) {
          assertThat(actual.get(b).getDouble(i))
              .as("[%d] bit for bit on %s", i, what)
              .isEqualTo(evaluated.get(b).getDouble(i));
        } else {
          assertThat(actual.get(b).getLong(i)).isEqualTo(evaluated.get(b).getLong(i));
        }
      }
    }
  }

  private static void compare(Tensor expected, Tensor actual, long i, double tolerance, String at) {
    if (!expected.dtype().isFloat()) {
      assertThat(actual.getLong(i)).as(at).isEqualTo(expected.getLong(i));
      return;
    }
    double want = expected.getDouble(i);
    double got = actual.getDouble(i);
    if (Double.isNaN(want) || Double.isInfinite(want)) {
      assertThat(got).as(at).isEqualTo(want);
    } else {
      assertThat(got).as(at).isCloseTo(want, within(tolerance * (1 + Math.abs(want))));
    }
  }

  private static Tensor padded(Tensor tensor) {
    Tensor copy = Tensor.zeros(tensor.dtype(), tensor.size());
    copy.copyFrom(tensor);
    return copy;
  }

  private static List<Tensor> filled(TileKernel kernel, Map<String, Long> sizes) {
    Random random = new Random(7);
    List<Tensor> memory = new ArrayList<>();
    for (TileKernel.Buffer buffer : kernel.buffers()) {
      long size = buffer.layout().size(buffer.type().shape()).evaluate(sizes::get);
      DType dtype = buffer.type().dtype();
      Tensor tensor = Tensor.zeros(dtype, size);
      for (long i = 0; i < size; i++) {
        if (dtype.isFloat()) {
          tensor.setDouble(i, random.nextGaussian());
        } else {
          tensor.setLong(i, dtype.wrap(random.nextInt(-100, 100)));
        }
      }
      memory.add(tensor);
    }
    return memory;
  }
}
