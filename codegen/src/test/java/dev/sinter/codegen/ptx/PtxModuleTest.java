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
import dev.sinter.testkit.Golden;
import dev.sinter.testkit.Tier;
import dev.sinter.testkit.TileBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PtxModuleTest {
  private static final Dim M = Dim.symbol("M");
  private static final Dim N = Dim.symbol("N");
  private static final Dim K = Dim.symbol("K");

  private static ThreadKernel named(String name, ThreadKernel k) {
    return new ThreadKernel(name, k.buffers(), k.sizes(), k.grid(), k.shared(), k.body());
  }

  @Test
  void everyClassFunctionAndTypeAssemblesWithoutSpills() {
    List<ThreadKernel> kernels = new ArrayList<>();
    classes(kernels);
    for (int seed = 0; seed < Tier.current().cases(4, 100); seed++) {
      kernels.add(GpuLowering.lower(RandomChain.kernel(seed, M, N)));
    }
    for (ThreadKernel.RegisterType type : ThreadKernel.RegisterType.values()) {
      if (type != ThreadKernel.RegisterType.TOKEN) {
        kernels.add(GpuLowering.lower(functions(type)));
        kernels.add(named("sum_" + type, GpuLowering.lower(sum(type.dtype()))));
      }
    }
    PtxModule module = PtxModule.of(kernels);
    assertThat(module.refused()).isEmpty();
    Ptxas.assemble(module);
  }

  private static void classes(List<ThreadKernel> kernels) {
    kernels.add(GpuLowering.lower(SampleKernels.silu(M, N)));
    kernels.add(named("silu_vector", GpuLowering.lower(SampleKernels.silu(M, Dim.of(64)))));
    kernels.add(GpuLowering.lower(SampleKernels.softmax(M, N)));
    kernels.add(GpuLowering.lower(SampleKernels.layernorm(M, N)));
    GpuSchedule block = new GpuSchedule.Rows(256, 256);
    kernels.add(named("layernorm_block", GpuLowering.lower(SampleKernels.layernorm(M, N), block)));
    int number = 0;
    for (boolean left : new boolean[] {false, true}) {
      for (boolean right : new boolean[] {false, true}) {
        TileKernel tile = SampleKernels.matmul(new Product(left, right, right), M, N, K);
        kernels.add(named("matmul" + number++, GpuLowering.lower(tile)));
      }
    }
    TileKernel large =
        SampleKernels.matmul(
            new Product(false, false, false), Dim.of(1024), Dim.of(1024), Dim.of(256));
    kernels.add(named("matmul_large", GpuLowering.lower(large)));
  }

  /// Applies every function that has a form for `type`, and converts to every other type.
  private static TileKernel functions(ThreadKernel.RegisterType type) {
    TileBuilder s = new TileBuilder("functions_" + type);
    int x = s.buffer("x", type.dtype(), Dim.of(4), N);
    Dim i = s.axis(N);
    int[] args = new int[4];
    for (int a = 0; a < args.length; a++) {
      args[a] = s.load(x, Dim.of(a), i);
    }
    int condition = s.cast(DType.BOOL, args[3]);
    List<Integer> results = new ArrayList<>();
    for (ScalarFn fn : ScalarFn.values()) {
      if (!fn.takes(type.dtype()) || !LegalScalar.knows(fn, type)) {
        continue;
      }
      Integer[] own = new Integer[fn.arity()];
      for (int a = 0; a < own.length; a++) {
        own[a] = args[a];
      }
      if (fn == ScalarFn.SELECT) {
        own[0] = condition;
      }
      results.add(s.apply(fn, own));
    }
    for (ThreadKernel.RegisterType other : ThreadKernel.RegisterType.values()) {
      if (other != ThreadKernel.RegisterType.TOKEN) {
        results.add(s.cast(other.dtype(), args[0]));
      }
    }
    int y = s.buffer("y", DType.F64, Dim.of(results.size()), N);
    for (int r = 0; r < results.size(); r++) {
      s.store(y, s.cast(DType.F64, results.get(r)), Dim.of(r), i);
    }
    return s.build();
  }

  /// A sum, or whether any is true, over rows.
  private static TileKernel sum(DType dtype) {
    TileBuilder s = new TileBuilder("sum");
    int x = s.buffer("x", dtype, M, N);
    int y = s.buffer("y", dtype, M);
    Dim i = s.axis(M);
    Dim j = s.axis(N);
    Reducer reducer = dtype == DType.BOOL ? Reducer.ANY : Reducer.SUM;
    return s.store(y, s.reduce(reducer, dtype, s.load(x, i, j), j), i).build();
  }

  @Test
  void functionsOfEveryTypeAgreeInTheirLegalForm() {
    for (ThreadKernel.RegisterType type : ThreadKernel.RegisterType.values()) {
      if (type != ThreadKernel.RegisterType.TOKEN) {
        TileKernel kernel = functions(type);
        new GpuRun(kernel, java.util.Map.of("N", 33L), 1).check(GpuLowering.lower(kernel), 1e-6);
        TileKernel sum = sum(type.dtype());
        new GpuRun(sum, java.util.Map.of("M", 9L, "N", 65L), 1).check(GpuLowering.lower(sum), 1e-5);
      }
    }
  }

  @Test
  void textOfAPointwiseKernelIsGolden() {
    golden("pointwise", GpuLowering.lower(SampleKernels.silu(M, Dim.of(64))));
  }

  @Test
  void textOfARowReductionIsGolden() {
    golden("softmax", GpuLowering.lower(SampleKernels.softmax(M, N)));
  }

  @Test
  void textOfAContractionIsGolden() {
    TileKernel tile = SampleKernels.matmul(new Product(false, false, false), M, N, K);
    golden("matmul", GpuLowering.lower(tile, new GpuSchedule.Tiles(32, 32, 8, 4, 4, 2)));
  }

  private static void golden(String name, ThreadKernel kernel) {
    PtxModule module = PtxModule.of(List.of(kernel));
    Golden.of("ptx/" + name + ".ptx").check(module.text());
  }

  @Test
  void whatHasNoFormIsRefusedWithAReason() {
    TileBuilder s = new TileBuilder("powers");
    int x = s.buffer("x", DType.F32, N);
    Dim i = s.axis(N);
    int v = s.load(x, i);
    ThreadKernel kernel = GpuLowering.lower(s.store(x, s.apply(ScalarFn.POW, v, v), i).build());
    PtxModule module = PtxModule.of(List.of(kernel));
    assertThat(module.refused()).containsEntry("powers", "pow of f32");
    assertThat(module.entries()).isEmpty();
    assertThat(module.text()).doesNotContain(".entry");
  }

  @Test
  void packedBuffersAndScattersAreRefused() {
    TileBuilder s = new TileBuilder("half");
    int x = s.buffer("x", DType.F16, N);
    Dim i = s.axis(N);
    TileKernel kernel = s.store(x, s.load(x, i), i).build();
    assertThat(GpuLowering.refusal(kernel)).contains("x is of f16");
    assertThat(GpuLowering.refusal(SampleKernels.softmax(M, N))).isEmpty();
  }
}
