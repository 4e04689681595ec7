package dev.sinter.dsl.elaborate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.SourceText;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainedMemberTest {
  private static final Elaborator ELABORATOR = new Elaborator(warning -> {});

  private static final String TEXT =
      """
      model Net(width: int = 3) {
        layer = Linear[2 -> width]
        fn (x: f32[N, 2]) -> (y: f32[N, width]) = layer(x)
      }

      train Fit(width: int = 4) {
        net = Net(width = width)
        other = Linear[2 -> width]
        data (x: f32[N, 2]) batch N = 5
        step {
          minimize mse(net(x), other(x)) over net with Adam(lr = 0.1)
        }
      }

      train Both {
        a = Linear[2 -> 1]
        b = Linear[2 -> 1]
        data (x: f32[N, 2]) batch N = 5
        step {
          loss = mse(a(x), b(x))
          minimize loss over a with Sgd(lr = 0.1) over b with Sgd(lr = 0.1)
        }
      }
      """;

  private final SourceSet sources =
      ELABORATOR.read(new SourceText("net.sinter", TEXT), path -> Optional.empty());

  @Test
  void isTheModelUnderItsOwnNamesWithTheSizesOfTheTraining() {
    ModelGraph net = ELABORATOR.trained(sources, "Fit", Map.of("width", "6"));
    assertThat(net.name()).isEqualTo("Net");
    assertThat(net.training()).isEmpty();
    assertThat(net.parameters())
        .extracting(p -> p.name() + " " + p.type())
        .containsExactly("layer.weight f32[6, 2]", "layer.bias f32[6]");
    Graph forward = net.entry("forward").orElseThrow();
    assertThat(forward.inputs())
        .contains(
            new Graph.Input("x", Graph.Role.ARGUMENT),
            new Graph.Input("layer.weight", Graph.Role.WEIGHT));
  }

  @Test
  void isThereForASingleModelOnly() {
    assertThatThrownBy(() -> ELABORATOR.trained(sources, "Both", Map.of()))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("trains no single model");
    assertThatThrownBy(() -> ELABORATOR.trained(sources, "Net", Map.of()))
        .isInstanceOf(DiagnosticException.class);
  }
}
