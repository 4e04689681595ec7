package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.interpreter.LoopEvaluator;
import dev.sinter.ir.interpreter.TileEvaluator;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernelParser;
import dev.sinter.ir.kernel.LoopKernelPrinter;
import dev.sinter.ir.kernel.LoopKernelVerifier;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.RandomGraphs;
import dev.sinter.testkit.Tier;
import dev.sinter.testkit.TileBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The loops of a kernel are sound, are what their text says, and compute what the kernel defines
/// whatever the number of lanes and of parts.
class LoopKernelsTest {
  @Test
  void kernelsOfRandomGraphsAreSoundAndTheirTextSaysAll() {
    for (long seed = 0; seed < Tier.current().cases(60, 2000); seed++) {
      KernelTable table = new KernelTable();
      RandomGraphs.Options options = RandomGraphs.Options.of(12);
      Passes.program(
          RandomGraphs.sample(seed, options).graph(), WeightStorage.F32, table, Watcher.NONE);
      table.kernels().forEach(LoopKernelsTest::checkText);
    }
  }

  private static void checkText(TileKernel kernel) {
    for (CpuTier tier : CpuTier.values()) {
      LoopKernel loops = Schedules.lower(kernel, tier);
      String text = LoopKernelPrinter.print(loops);
      assertThat(LoopKernelVerifier.faults(loops)).as(text).isEmpty();
      assertThat(LoopKernelParser.parse(text)).as(text).isEqualTo(loops);
    }
  }

  @ParameterizedTest
  @CsvSource({"SCALAR,1", "REGISTERS_16,1", "REGISTERS_32,4", "REGISTERS_16,8", "REGISTERS_32,16"})
  void randomKernelsComputeTheSameAtOddSizes(CpuTier tier, int lanes) {
    for (long seed = 0; seed < Tier.current().cases(25, 500); seed++) {
      Random random = new Random(seed);
      TileKernel kernel = new RandomTile(random).draw();
      Map<String, Long> sizes = new HashMap<>();
      sizes.put("M", random.nextLong(1, 14));
      sizes.put("N", random.nextLong(1, 70));
      sizes.put(LoopKernel.LANES, (long) lanes);
      LoopKernel loops = Schedules.lower(kernel, tier);
      checkText(kernel);
      List<Tensor> expected = filled(kernel, sizes);
      TileEvaluator.run(kernel, expected, new Bindings(sizes));
      for (int parts : new int[] {1, 3}) {
        List<Tensor> actual = filled(kernel, sizes);
        LoopEvaluator.run(loops, actual, new Bindings(sizes), lanes, parts);
        int result = kernel.stores().getFirst().buffer();
        assertThat(actual.get(result).toDoubleArray())
            .as("seed %d, %s\n%s", seed, sizes, LoopKernelPrinter.print(loops))
            .containsExactly(expected.get(result).toDoubleArray(), Offset.offset(2e-5));
      }
    }
  }

  private static List<Tensor> filled(TileKernel kernel, Map<String, Long> sizes) {
    Random random = new Random(3);
    List<Tensor> memory = new ArrayList<>();
    for (TileKernel.Buffer buffer : kernel.buffers()) {
      Dim size = buffer.layout().size(buffer.type().shape());
      Tensor tensor = Tensor.zeros(DType.F32, new Bindings(sizes).evaluate(size));
      for (long i = 0; i < tensor.size(); i++) {
        tensor.setDouble(i, random.nextDouble(-1, 1));
      }
      memory.add(tensor);
    }
    return memory;
  }

  /// Kernels over rows and columns: functions that keep what is small small, sums along an axis,
  /// and products of matrices.
  private static final class RandomTile {
    private static final Dim M = Dim.symbol("M");
    private static final Dim N = Dim.symbol("N");

    private final Random random;
    private final TileBuilder tile = new TileBuilder("random");
    private final List<Integer> values = new ArrayList<>();

    RandomTile(Random random) {
      this.random = random;
    }

    TileKernel draw() {
      Dim row = tile.axis(M);
      Dim col = tile.axis(N);
      values.add(tile.load(tile.buffer("x", DType.F32, M, N), row, col));
      values.add(tile.load(tile.buffer("bias", DType.F32, N), col));
      values.add(tile.load(tile.buffer("scale", DType.F32, M), row));
      values.add(tile.load(tile.buffer("turned", DType.F32, N, M), col, row));
      if (random.nextBoolean()) {
        values.add(product(row, col, Dim.of(random.nextLong(1, 20))));
      }
      for (int i = random.nextInt(6); i >= 0; i--) {
        values.add(function());
      }
      int last = values.getLast();
      switch (random.nextInt(3)) {
        case 0 -> tile.store(tile.buffer("sums", DType.F32, M), mean(Reducer.SUM, last, col), row);
        case 1 -> {
          int max = tile.reduce(Reducer.MAX, DType.F32, last, row);
          int shifted = tile.apply(ScalarFn.SUB, last, max);
          tile.store(tile.buffer("y", DType.F32, M, N), shifted, row, col);
        }
        default -> tile.store(tile.buffer("y", DType.F32, M, N), last, row, col);
      }
      return tile.build();
    }

    private int mean(Reducer reducer, int value, Dim over) {
      int scaled = tile.apply(ScalarFn.MUL, value, tile.constant(DType.F32, 0.015625));
      return tile.reduce(reducer, DType.F32, scaled, over);
    }

    private int product(Dim row, Dim col, Dim depth) {
      Dim k = tile.axis(depth);
      int a = tile.load(tile.buffer("a", DType.F32, M, depth), row, k);
      int b = tile.load(tile.buffer("b", DType.F32, depth, N), k, col);
      int sum = tile.reduce(Reducer.SUM, DType.F32, tile.apply(ScalarFn.MUL, a, b), k);
      return tile.apply(ScalarFn.TANH, sum);
    }

    private int function() {
      int a = values.get(random.nextInt(values.size()));
      int b = values.get(random.nextInt(values.size()));
      return switch (random.nextInt(8)) {
        case 0 -> tile.apply(ScalarFn.MUL, a, b);
        case 1 -> tile.apply(ScalarFn.MAX, a, b);
        case 2 -> tile.apply(ScalarFn.TANH, tile.apply(ScalarFn.ADD, a, b));
        case 3 -> tile.apply(ScalarFn.ERF, a);
        case 4 -> tile.apply(ScalarFn.SIN, tile.apply(ScalarFn.SUB, a, b));
        case 5 -> tile.apply(ScalarFn.SELECT, tile.apply(ScalarFn.LT, a, b), b, a);
        case 6 -> tile.apply(ScalarFn.NEG, tile.apply(ScalarFn.ABS, a));
        default -> tile.apply(ScalarFn.LOG1P, tile.apply(ScalarFn.MUL, a, a));
      };
    }
  }
}
