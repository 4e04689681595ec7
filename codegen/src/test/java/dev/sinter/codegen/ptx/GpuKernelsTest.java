package dev.sinter.codegen.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.codegen.ptx.SampleKernels.Product;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.passes.gpu.GpuLowering;
import dev.sinter.passes.gpu.GpuSchedule;
import dev.sinter.runtime.DType;
import dev.sinter.testkit.Tier;
import dev.sinter.testkit.TileBuilder;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What threads compute is what the kernel says, at sizes that fill no vector, warp or tile.
class GpuKernelsTest {
  private static final long[] SIZES = {1, 3, 17, 33, 65, 130};
  private static final Dim M = Dim.symbol("M");
  private static final Dim N = Dim.symbol("N");
  private static final Dim K = Dim.symbol("K");

  private static Map<String, Long> sizes(long m, long n) {
    return Map.of("M", m, "N", n);
  }

  private static void checkAll(TileKernel kernel, double tolerance) {
    ThreadKernel threads = GpuLowering.lower(kernel);
    // Sampled, each size meets itself and two others, each time with another seed.
    for (int i = 0; i < SIZES.length; i++) {
      for (int other = 0; other < Tier.current().cases(3, SIZES.length); other++) {
        long n = SIZES[(i + other) % SIZES.length];
        for (long seed = other; seed < Tier.current().cases(other + 1, other + 3); seed++) {
          new GpuRun(kernel, sizes(SIZES[i], n), seed).check(threads, tolerance);
        }
      }
    }
  }

  @Test
  void pointwiseKernelsOfSymbolicSizesAgree() {
    checkAll(SampleKernels.silu(M, N), 2e-6);
  }

  @Test
  void pointwiseKernelsOfAFewElementsAgree() {
    for (long n = 1; n <= 5; n++) {
      TileKernel kernel = SampleKernels.silu(Dim.ONE, Dim.of(n));
      new GpuRun(kernel, Map.of(), n).check(GpuLowering.lower(kernel), 2e-6);
      TileBuilder t = new TileBuilder("few");
      Dim size = Dim.of(n);
      int x = t.buffer("x", DType.F32, size);
      int y = t.buffer("y", DType.F32, size);
      Dim i = t.axis(size);
      t.store(y, t.apply(ScalarFn.NEG, t.load(x, i)), i);
      new GpuRun(t.build(), Map.of(), n).check(GpuLowering.lower(t.build()), 0);
    }
  }

  @Test
  void softmaxOfAWarpForARowAgrees() {
    checkAll(SampleKernels.softmax(M, N), 2e-6);
  }

  @Test
  void layerNormOfAWarpForARowAgrees() {
    checkAll(SampleKernels.layernorm(M, N), 2e-5);
  }

  @Test
  void rowsOfABlockAgree() {
    for (TileKernel kernel :
        new TileKernel[] {SampleKernels.softmax(M, N), SampleKernels.layernorm(M, N)}) {
      ThreadKernel threads = GpuLowering.lower(kernel, new GpuSchedule.Rows(128, 128));
      for (long n : new long[] {1, 65, 130, 300}) {
        new GpuRun(kernel, sizes(3, n), n).check(threads, 2e-5);
      }
    }
  }

  @Test
  void reductionsInsideAPointAgree() {
    TileKernel kernel = SampleKernels.softmax(M, N);
    ThreadKernel threads = GpuLowering.lower(kernel, new GpuSchedule.Points(64, 1));
    new GpuRun(kernel, sizes(17, 33), 0).check(threads, 2e-6);
  }

  @Test
  void productsOfSymbolicSizesAgree() {
    Random random = new Random(5);
    for (Product form : forms()) {
      TileKernel kernel = SampleKernels.matmul(form, M, N, K);
      ThreadKernel threads = GpuLowering.lower(kernel);
      assertThat(threads.shared()).hasSize(2);
      for (int i = 0; i < Tier.current().cases(4, 40); i++) {
        long k = any(random);
        Map<String, Long> sizes = Map.of("M", any(random), "N", any(random), "K", k);
        new GpuRun(kernel, sizes, i).check(threads, rounding(k));
      }
    }
  }

  /// What `k` sums of products of a few units may differ by.
  private static double rounding(long k) {
    return 1e-5 + 2e-6 * k;
  }

  private static long any(Random random) {
    return SIZES[random.nextInt(SIZES.length)];
  }

  private static Product[] forms() {
    return new Product[] {
      new Product(false, false, false),
      new Product(true, false, false),
      new Product(false, true, false),
      new Product(true, true, true),
      new Product(false, true, true)
    };
  }

  @Test
  void productsOfEverySmallSizeAgree() {
    TileKernel kernel = SampleKernels.matmul(new Product(false, false, false), M, N, K);
    ThreadKernel threads = GpuLowering.lower(kernel, new GpuSchedule.Tiles(32, 32, 8, 4, 4, 3));
    for (long m : new long[] {1, 3, 33}) {
      for (long n : new long[] {1, 17, 65}) {
        for (long k : new long[] {1, 3, 8, 9, 16, 17, 33}) {
          new GpuRun(kernel, Map.of("M", m, "N", n, "K", k), m + n + k).check(threads, rounding(k));
        }
      }
    }
  }

  @Test
  void productsOfConstantSizesAreCopiedBySixteenBytes() {
    TileKernel kernel =
        SampleKernels.matmul(new Product(true, false, false), Dim.of(68), Dim.of(132), Dim.of(20));
    GpuSchedule large = new GpuSchedule.Tiles(128, 128, 16, 8, 8, 2);
    for (GpuSchedule schedule : new GpuSchedule[] {GpuLowering.schedule(kernel), large}) {
      ThreadKernel threads = GpuLowering.lower(kernel, schedule);
      assertThat(dev.sinter.ir.kernel.ThreadKernelPrinter.print(threads)).contains(" of 4 if ");
      new GpuRun(kernel, Map.of(), 1).check(threads, 2e-5);
    }
  }

  @Test
  void aConvolutionIsAContraction() {
    TileBuilder s = new TileBuilder("conv");
    int x = s.buffer("x", DType.F32, N, Dim.of(3), Dim.of(9), Dim.of(9));
    int w = s.buffer("w", DType.F32, Dim.of(5), Dim.of(3), Dim.of(3), Dim.of(3));
    int y = s.buffer("y", DType.F32, N, Dim.of(5), Dim.of(9), Dim.of(9));
    Dim n = s.axis(N);
    Dim o = s.axis(Dim.of(5));
    Dim h = s.axis(Dim.of(9));
    Dim v = s.axis(Dim.of(9));
    Dim c = s.axis(Dim.of(3));
    Dim r = s.axis(Dim.of(3));
    Dim q = s.axis(Dim.of(3));
    int row = inside(s, h.plus(r).minus(1));
    int column = inside(s, v.plus(q).minus(1));
    int guard = s.apply(ScalarFn.AND, row, column);
    int a = s.guarded(guard, x, n, c, h.plus(r).minus(1), v.plus(q).minus(1));
    int b = s.load(w, o, c, r, q);
    int sum = s.reduce(Reducer.SUM, DType.F32, s.apply(ScalarFn.MUL, a, b), c, r, q);
    TileKernel kernel = s.store(y, sum, n, o, h, v).build();
    ThreadKernel threads = GpuLowering.lower(kernel);
    assertThat(threads.shared()).hasSize(2);
    for (long batch : new long[] {1, 3}) {
      new GpuRun(kernel, Map.of("N", batch), batch).check(threads, 2e-5);
    }
  }

  private static int inside(TileBuilder s, Dim at) {
    int index = s.index(DType.I32, at);
    return s.apply(
        ScalarFn.AND,
        s.apply(ScalarFn.GE, index, s.constant(DType.I32, 0)),
        s.apply(ScalarFn.LT, index, s.constant(DType.I32, 9)));
  }

  @Test
  void chainsOfRandomFunctionsAgree() {
    for (long seed = 0; seed < Tier.current().cases(24, 400); seed++) {
      TileKernel kernel = RandomChain.kernel(seed, M, N);
      ThreadKernel threads = GpuLowering.lower(kernel);
      Random random = new Random(seed);
      new GpuRun(kernel, sizes(any(random), any(random)), seed).check(threads, 1e-4);
    }
  }

  @Test
  void rowsAreGatheredByClampedIndices() {
    TileBuilder s = new TileBuilder("gather");
    int table = s.buffer("table", DType.F32, M, Dim.of(8));
    int ids = s.buffer("ids", DType.I64, N);
    int y = s.buffer("y", DType.F32, N, Dim.of(8));
    Dim i = s.axis(N);
    Dim j = s.axis(Dim.of(8));
    TileKernel kernel = s.store(y, s.gather(table, s.load(ids, i), j), i, j).build();
    ThreadKernel threads = GpuLowering.lower(kernel);
    new GpuRun(kernel, sizes(7, 33), 3).check(threads, 0);
  }
}
