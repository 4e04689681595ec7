package dev.sinter.compiler.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.passes.MathMode;
import dev.sinter.passes.tuning.ConvolutionShape;
import dev.sinter.passes.tuning.ConvolutionWay;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConvolutionErrorTest {
  private static final ConvolutionShape SHAPE =
      new ConvolutionShape(DType.F32, 1, 32, 20, 20, 24, List.of(1L, 1L, 1L, 1L));

  @Test
  void winogradsErrorIsLargerThanThatOfASumAndOfTheSizeOfRounding() {
    ConvolutionError error = errors(ConvolutionWay.WINOGRAD_4).getFirst();
    assertThat(error.convolution()).isEqualTo(SHAPE.toString());
    assertThat(error.way()).isEqualTo("winograd 4");
    assertThat(error.direct()).isBetween(1e-9, 1e-6);
    assertThat(error.chosen()).isBetween(error.direct(), 1e-4);
  }

  @Test
  void whatIsASumHasNoErrorToCompare() {
    assertThat(errors(ConvolutionWay.DIRECT)).isEmpty();
    assertThat(ConvolutionError.all(model(), CompileOptions.DEFAULT.withMath(MathMode.EXACT)))
        .isEmpty();
  }

  private static List<ConvolutionError> errors(ConvolutionWay way) {
    return ConvolutionError.all(
        model(), CompileOptions.DEFAULT.withSchedules(ScheduleTable.EMPTY.with(SHAPE, way)));
  }

  private static ModelGraph model() {
    Graph graph = Convolutions.graph(SHAPE);
    List<ModelGraph.Parameter> parameters = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      if (graph.inputs().get(i).role() == Graph.Role.WEIGHT) {
        parameters.add(
            new ModelGraph.Parameter(
                graph.inputs().get(i).name(),
                graph.input(i).type(),
                new Initializer.Fill(0.5),
                ModelGraph.Kind.WEIGHT));
      }
    }
    return new ModelGraph("Model", parameters, List.of(graph), Optional.empty(), Contracts.NONE);
  }
}
