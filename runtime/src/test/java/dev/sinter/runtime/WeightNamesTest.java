package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.files.Safetensors;
import dev.sinter.runtime.files.StoredTensor;
import dev.sinter.runtime.files.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
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
  void aPlaceWithDotsIsAnyNumberOfParts() {
    Rename rename = rename("{..p}.gamma", "{p}.weight");
    assertThat(rename.of("norm.gamma")).contains("norm.weight");
    assertThat(rename.of("blocks.3.norm.gamma")).contains("blocks.3.norm.weight");
    assertThat(rename.of("gamma")).isEmpty();
    assertThat(rename("a.{..p}.{q}", "{..p}.{q}").of("a.b.c.d")).contains("b.c.d");
    assertThatThrownBy(() -> rename("{..p}.x.{..q}", "b")).hasMessageContaining("more than one");
  }

  @Test
  void rulesAreReadFromText() {
    assertThat(Rename.parse("h.{i}.{p} -> blocks.{i}.{p}"))
        .isEqualTo(rename("h.{i}.{p}", "blocks.{i}.{p}"));
    assertThat(Rename.parse(" a->b  with rearrange{ i o -> o i } "))
        .isEqualTo(new Rename("a", "b", List.of(1, 0)));
    assertThat(Rename.parse("{..p}.count ->").leavesOut()).isTrue();
    assertThatThrownBy(() -> Rename.parse("a b")).hasMessageContaining("`a b` is no rule");
    assertThatThrownBy(() -> Rename.parse("a -> b c")).hasMessageContaining("is no rule");
    assertThatThrownBy(() -> Rename.parse("a -> b with rearrange{i o -> o}"))
        .hasMessageContaining("order of axes");
    assertThatThrownBy(() -> Rename.parse("a -> b with turned")).hasMessageContaining("order");
  }

  @Test
  void aTensorWithoutANameInTheModelIsLeftOut() throws IOException {
    Rename out = Rename.parse("{..p}.count ->");
    Map<String, Tensor> tensors =
        Map.of("a.b.count", Tensor.of(new int[1], 1), "a.w", Tensor.of(new int[2], 2));
    assertThat(named(new WeightNames(List.of(out)), tensors)).containsOnlyKeys("a.w");
    Rename below = out.below("net");
    assertThat(below.isBelow("net")).isTrue();
    assertThat(below.within("net")).isEqualTo(out);
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
    Map<String, Tensor> named = new HashMap<>();
    try (Weights read = Weights.open(file)) {
      for (Map.Entry<String, StoredTensor> entry : names.of(read).entrySet()) {
        named.put(entry.getKey(), entry.getValue().read().copy());
      }
    }
    return named;
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
    try (Weights read = Weights.open(file)) {
      List<Rename> rules = List.of(rename("a.{p}", "b.{p}"));
      assertThat(new WeightNames(rules).of(read)).containsOnlyKeys("a.w");
      // Whoever asks for it by name gets it all the same.
      assertThat(WeightNames.SAME.of(read, rules)).containsOnlyKeys("b.w");
    }
  }
}
