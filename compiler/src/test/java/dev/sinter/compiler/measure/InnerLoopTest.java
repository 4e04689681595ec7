package dev.sinter.compiler.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.passes.Rehearsal;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.ConvolutionShape;
import dev.sinter.passes.tuning.ConvolutionWay;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.DType;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class InnerLoopTest {
  @Test
  void aConvolutionsBusiestLoopIsItsTileOfMultiplyAdds() {
    ConvolutionShape shape =
        new ConvolutionShape(DType.F32, 1, 64, 28, 28, 64, List.of(1L, 1L, 1L, 1L));
    ScheduleTable direct = ScheduleTable.EMPTY.with(shape, ConvolutionWay.DIRECT);
    InnerLoop loop =
        busiest(Rehearsal.graph(Convolutions.graph(shape), direct), CpuTier.REGISTERS_32);
    assertThat(loop.vector()).isTrue();
    assertThat(loop.products()).isGreaterThanOrEqualTo(12);
    assertThat(loop.products()).isGreaterThan(loop.loads());
    assertThat(loop.costly()).isEmpty();
    assertThat(loop.stores()).isZero();
  }

  @Test
  void functionsOfManyOperationsAreNamed() {
    InnerLoop loop = busiest(Rehearsal.graph(exp(), ScheduleTable.EMPTY), CpuTier.REGISTERS_32);
    assertThat(loop.vector()).isTrue();
    assertThat(loop.costly()).contains(ScalarFn.EXP);
    assertThat(loop.operations()).isGreaterThanOrEqualTo(16);
    assertThat(loop.loads()).isPositive();
    assertThat(loop.stores()).isPositive();
  }

  @Test
  void withoutTheVectorApiNothingIsAVector() {
    InnerLoop loop = busiest(Rehearsal.graph(exp(), ScheduleTable.EMPTY), CpuTier.SCALAR);
    assertThat(loop.vector()).isFalse();
  }

  private static Graph exp() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.parameter(new TensorType(DType.F32, List.of(Dim.of(64), Dim.of(64))), "x");
    Value y = b.add(Pointwise.of(ScalarFn.EXP), x);
    return new Graph(
        "exp",
        List.of(new Graph.Input("x", Graph.Role.ARGUMENT)),
        List.of(new Graph.Output("y", Graph.Role.ARGUMENT)),
        b.region(List.of(y)),
        Facts.NONE);
  }

  private static InnerLoop busiest(Rehearsal.Way way, CpuTier tier) {
    List<TileKernel> kernels = way.kernels();
    return kernels.stream()
        .map(kernel -> InnerLoop.of(Schedules.lower(kernel, tier)))
        .max(Comparator.comparingInt(InnerLoop::operations))
        .orElseThrow();
  }
}
