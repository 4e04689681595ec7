package dev.sinter.dsl.elaborate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Samples;
import dev.sinter.dsl.Text;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.SourceText;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The programs that show the language become graphs that the verifier accepts.
class SamplesElaborateTest {
  private static final Map<String, String> SAMPLES =
      Samples.all().stream().collect(Collectors.toMap(SourceText::name, SourceText::text));

  private static final String BLOCK =
      """
      module Block[C -> D](stride: int = 1) {
        conv = Conv[C -> D](k = 3, stride = stride, pad = 1)
        fn (x: f32[N, C, H, W]) -> f32[N, D, ceil(H / stride), ceil(W / stride)] = relu(conv(x))
      }
      """;

  private static String text(String name) {
    return Objects.requireNonNull(SAMPLES.get(name), name);
  }

  private static Text sample(String name) {
    return new Text(
        text(name),
        Map.of(
            "zoo/resnet.sinter", text("02_resnet50.sinter"),
            "zoo/gpt.sinter", text("04_gpt.sinter"),
            "blocks.sinter", BLOCK));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01_lenet.sinter",
        "03_lstm.sinter",
        "04_gpt.sinter",
        "05_dcgan.sinter",
        "06_ddpm.sinter",
        "07_adamw.sinter",
        "08_custom.sinter"
      })
  void becomesGraphs(String name) {
    assertThat(sample(name).said()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "02_resnet50.sinter",
        "09_quantize.sinter",
        "10_lora.sinter",
        "11_overview.sinter"
      })
  void lacksOnlyItsFilesAndWhatComesLater(String name) {
    assertThat(sample(name).faults())
        .isNotEmpty()
        .extracting(Diagnostic::code)
        .isSubsetOf(DiagnosticCode.COMES_LATER, DiagnosticCode.FILE_NOT_FOUND);
  }

  @Test
  void theOverviewBecomesGraphsButForItsFileOfWeights() {
    Text overview = sample("11_overview.sinter");
    Text without =
        new Text(overview.main().replace(" from \"critic.safetensors\"", ""), overview.others());
    assertThat(without.said()).isEmpty();
    assertThat(without.names()).containsExactly("Generator", "Critic", "Sketches");
  }

  @Test
  void namesWeightsAsTheirFilesDo() {
    ModelGraph resnet = sample("02_resnet50.sinter").elaborate("ResNet50");
    assertThat(resnet.parameters())
        .extracting(ModelGraph.Parameter::name)
        .contains("stem.0.weight", "layer1.first.downsample.1.running_mean", "fc.bias");
  }
}
