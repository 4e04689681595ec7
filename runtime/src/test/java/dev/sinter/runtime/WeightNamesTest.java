package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightNamesTest {
  @TempDir Path folder;

  private static Rename rename(String file, String model) {
    return new Rename(file, model, List.of());
  }

  @Test
  void aPlaceIsOnePartOfANameAndTheLastAllThatIsLeft() {
    Rename rename = rename("h.{i}.{p}", "blocks.{i}.{p}");
    assertThat(rename.of("h.12.mlp.weight")).contains("blocks.12.mlp.weight");
    assertThat(rename.of("h.1")).isEmpty();
    assertThat(rename.of("xh.1.weight")).isEmpty();
    Rename inner = rename("h.{i}.fc.{p}", "blocks.{i}.mlp.{p}");
    assertThat(inner.of("h.1.2.fc.weight")).isEmpty();
    assertThat(inner.of("h.1.fc.weight")).contains("blocks.1.mlp.weight");
    assertThat(rename("{a}.{b}", "{b}.{a}").of("x.y.z")).contains("y.z.x");
    assertThat(rename("wte.weight", "head.weight").of("wte.weight")).contains("head.weight");
    assertThat(rename("a.b", "c").of("axb")).isEmpty();
  }

  @Test
  void patternsWithoutAMeaningAreRefused() {
    assertThatThrownBy(() -> rename("h.{i}", "b.{j}")).hasMessageContaining("`{j}`");
    assertThatThrownBy(() -> rename("{i}.{i}", "b.{i}")).hasMessageContaining("twice");
    assertThatThrownBy(() -> rename("{i}{j}", "b.{i}")).hasMessageContaining("touch");
    assertThatThrownBy(() -> new Rename("a", "b", List.of(0, 2))).hasMessageContaining("order");
    assertThatThrownBy(() -> rename("{a}.".repeat(9), "b")).isNotNull();
  }

  @Test
  void aModelInAnotherHasItsNamesBelow() {
    Rename below = rename("h.{p}", "body.{p}").below("net");
    assertThat(below.of("net.h.w")).contains("net.body.w");
    assertThat(below.isBelow("net")).isTrue();
    assertThat(below.isBelow("ne")).isFalse();
    assertThat(below.within("net")).isEqualTo(rename("h.{p}", "body.{p}"));
  }

  private Map<String, Tensor> named(WeightNames names, Map<String, Tensor> tensors)
      throws IOException {
    Path file = folder.resolve("w.safetensors");
    Safetensors.write(file, tensors, Map.of());
    try (Safetensors read = Safetensors.open(file)) {
      return Map.copyOf(
          names.of(read).entrySet().stream()
              .collect(
                  java.util.stream.Collectors.toMap(Map.Entry::getKey, e -> e.getValue().copy())));
    }
  }

  @Test
  void theFirstThatFitsNamesATensorAndTurnsIt() throws IOException {
    WeightNames names =
        new WeightNames(
            List.of(
                new Rename("h.fc.weight", "mlp.weight", List.of(2, 0, 1)),
                rename("h.{p}", "rest.{p}")));
    float[] data = new float[24];
    for (int i = 0; i < data.length; i++) {
      data[i] = i;
    }
    Map<String, Tensor> named =
        named(
            names,
            Map.of(
                "h.fc.weight", Tensor.of(data, 2, 3, 4),
                "h.b", Tensor.of(new int[] {7}, 1),
                "own", Tensor.of(new int[] {8}, 1)));
    assertThat(named).containsOnlyKeys("mlp.weight", "rest.b", "own");
    Tensor turned = Objects.requireNonNull(named.get("mlp.weight"));
    assertThat(turned.shape()).containsExactly(4, 2, 3);
    for (int k = 0; k < 4; k++) {
      for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 3; j++) {
          assertThat(turned.getDouble((k * 2 + i) * 3 + j)).isEqualTo((i * 3 + j) * 4 + k);
        }
      }
    }
  }

  @Test
  void twoTensorsOfOneNameAndAWrongRankAreFaults() {
    Map<String, Tensor> tensors =
        Map.of("a.w", Tensor.of(new int[2], 2), "b.w", Tensor.of(new int[2], 2));
    assertThatThrownBy(() -> named(new WeightNames(List.of(rename("a.{p}", "b.{p}"))), tensors))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("b.w");
    assertThatThrownBy(
            () -> named(new WeightNames(List.of(new Rename("a.w", "c", List.of(1, 0)))), tensors))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("a.w is i32[2]");
  }

  @Test
  void aFileThatSinterWroteHasTheModelsNames() throws IOException {
    Path file = folder.resolve("own.safetensors");
    Safetensors.write(file, Map.of("a.w", Tensor.of(new int[2], 2)), WeightNames.WRITTEN);
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(new WeightNames(List.of(rename("a.{p}", "b.{p}"))).of(read))
          .containsOnlyKeys("a.w");
    }
  }
}
