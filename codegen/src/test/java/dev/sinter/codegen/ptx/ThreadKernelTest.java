package dev.sinter.codegen.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.codegen.ptx.SampleKernels.Product;
import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.interpreter.ThreadEvaluator;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.ir.kernel.ThreadKernelParser;
import dev.sinter.ir.kernel.ThreadKernelPrinter;
import dev.sinter.ir.kernel.ThreadVerifier;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.passes.gpu.GpuLowering;
import dev.sinter.passes.gpu.GpuSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The text, the rules and the faults of thread kernels, on kernels as the lowering makes them.
class ThreadKernelTest {
  private static final Dim M = Dim.symbol("M");
  private static final Dim N = Dim.symbol("N");
  private static final Map<String, Long> SIZES = Map.of("M", 40L, "N", 70L);
  private static final GpuSchedule TILES = new GpuSchedule.Tiles(32, 32, 8, 4, 4, 3);

  private static TileKernel product() {
    return SampleKernels.matmul(new Product(false, false, false), M, N, Dim.of(20));
  }

  private static List<ThreadKernel> kernels() {
    return List.of(
        GpuLowering.lower(product(), TILES),
        GpuLowering.lower(SampleKernels.softmax(M, N), new GpuSchedule.Rows(64, 64)),
        GpuLowering.lower(SampleKernels.silu(M, N)));
  }

  @Test
  void whatIsPrintedIsReadBack() {
    List<ThreadKernel> all = new ArrayList<>(kernels());
    for (int seed = 0; seed < 20; seed++) {
      all.add(GpuLowering.lower(RandomChain.kernel(seed, M, N)));
    }
    for (ThreadKernel kernel : all) {
      String text = ThreadKernelPrinter.print(kernel);
      assertThat(ThreadKernelParser.parse(text)).isEqualTo(kernel);
    }
  }

  @Test
  void otherTextIsRefusedWithItsLine() {
    String text = ThreadKernelPrinter.print(kernels().getFirst());
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i += 7) {
      List<String> broken = new ArrayList<>(lines);
      broken.set(i, "what is this");
      assertThatThrownBy(() -> ThreadKernelParser.parse(String.join("\n", broken)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("line ");
    }
    assertThatThrownBy(() -> ThreadKernelParser.parse(""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// All kernels with one step of `kind` left out.
  private static List<ThreadKernel> without(ThreadKernel kernel, Class<? extends Step> kind) {
    List<ThreadKernel> out = new ArrayList<>();
    for (int i = 0; ; i++) {
      int[] count = {i};
      List<Step> body = without(kernel.body(), kind, count);
      if (count[0] >= 0) {
        return out;
      }
      out.add(kernel.withBody(body));
    }
  }

  private static List<Step> without(List<Step> steps, Class<? extends Step> kind, int[] count) {
    List<Step> out = new ArrayList<>();
    for (Step step : steps) {
      if (kind.isInstance(step) && count[0]-- == 0) {
        continue;
      }
      out.add(
          step instanceof Step.For loop
              ? new Step.For(
                  loop.index(),
                  loop.from(),
                  loop.to(),
                  loop.step(),
                  loop.carried(),
                  without(loop.body(), kind, count))
              : step);
    }
    return out;
  }

  private static void run(TileKernel tile, ThreadKernel kernel) {
    ThreadEvaluator.run(kernel, new GpuRun(tile, SIZES, 1).memory(), new Bindings(SIZES));
  }

  @Test
  void everyBarrierIsNeeded() {
    TileKernel softmax = SampleKernels.softmax(M, N);
    ThreadKernel rows = GpuLowering.lower(softmax, new GpuSchedule.Rows(64, 64));
    ThreadKernel tiles = GpuLowering.lower(product(), TILES);
    List<ThreadKernel> races = without(rows, Step.Barrier.class);
    assertThat(races).hasSize(2);
    for (ThreadKernel race : races) {
      assertThatThrownBy(() -> run(softmax, race))
          .isInstanceOf(CompilerBug.class)
          .hasMessageContaining("race");
    }
    List<ThreadKernel> tileRaces = without(tiles, Step.Barrier.class);
    assertThat(tileRaces).hasSize(1);
    assertThatThrownBy(() -> run(product(), tileRaces.getFirst()))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("race");
  }

  @Test
  void aReadBeforeItsCopyArrivesIsReported() {
    List<ThreadKernel> early = without(GpuLowering.lower(product(), TILES), Step.Wait.class);
    assertThat(early).hasSize(1);
    assertThatThrownBy(() -> run(product(), early.getFirst()))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("before its copy has arrived");
  }

  @Test
  void accessesOutOfBoundsAndNotAlignedAreReported() {
    ThreadKernel kernel = kernels().getLast();
    ThreadKernel unguarded =
        kernel.withBody(
            kernel.body().stream()
                .map(s ->
                    s instanceof Step.Load l
                        ? new Step.Load(l.to(), l.from(), java.util.Optional.empty())
                        : s)
                .toList());
    assertThatThrownBy(() -> run(SampleKernels.silu(M, N), unguarded))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining(" is at ");
    TileKernel even = SampleKernels.silu(M, Dim.of(64));
    ThreadKernel vector = GpuLowering.lower(even);
    ThreadKernel shifted =
        ThreadKernelParser.parse(ThreadKernelPrinter.print(vector).replace(" + 0]", " + 1]"));
    assertThatThrownBy(() -> run(even, shifted))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("not a multiple of 4");
  }

  @Test
  void whatIsNotWellFormedIsRefused() {
    ThreadKernel kernel = kernels().getFirst();
    String text = ThreadKernelPrinter.print(kernel);
    assertThatThrownBy(() ->
            ThreadVerifier.verify(kernel.withBody(kernel.body().subList(1, kernel.body().size()))))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("used before it is defined");
    refused(text.replace(" of 64\n", " of 65\n"), "threads 65");
    refused(text.replace("size M\n", "size Q\n"), "grid");
    refused(text.replace("f32 864", "f32 9999999"), "shared memory");
    refused(text.replaceFirst("apply mul", "apply lt"), "has another type");
  }

  private static void refused(String text, String reason) {
    ThreadKernel kernel = ThreadKernelParser.parse(text);
    assertThatThrownBy(() -> ThreadVerifier.verify(kernel))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining(reason);
  }
}
