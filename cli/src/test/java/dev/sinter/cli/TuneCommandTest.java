package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuneCommandTest {
  private static final String TEXT =
      """
      model Mlp {
        param a: f32[32, 24] = normal(0, 1)
        param b: f32[8, 32] = normal(0, 1)
        fn forward(x: f32[N, 24]) -> f32[N, 8] {
          h = relu(einsum{n i, o i -> n o}(x, a))
          return einsum{n i, o i -> n o}(h, b)
        }
      }
      """;

  private static final String OTHER =
      "product 32 f32 rows 1 columns 2 depth 3 times 1 left 3 right panels -> 8x2 down";

  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void write() throws IOException {
    text = Files.writeString(folder.resolve("mlp.sinter"), TEXT);
  }

  /// What is found depends on the machine and what else it does: here counts that it is written,
  /// kept and read.
  @Test
  void writesATableBesideTheModelWhichTheOthersRead() throws IOException {
    Path table = folder.resolve("mlp.schedules");
    Files.writeString(table, "sinter schedules 1\n" + OTHER + "\n");
    Sinter run =
        Sinter.run(
            "tune", text, "--seconds", "2", "--threads", "1", "--input-shape", "x=16,24", "--json");
    JsonObject answer = run.ok().json();
    assertThat(answer.get("schema").getAsString()).isEqualTo("sinter.tune/1");
    assertThat(answer.get("model").getAsString()).isEqualTo("Mlp");
    assertThat(Path.of(answer.get("table").getAsString())).isEqualTo(table);
    assertThat(answer.get("tier").getAsString()).isIn("16", "32");
    int measured = answer.getAsJsonArray("measured").size();
    assertThat(answer.get("entries").getAsInt()).isEqualTo(measured + 1);
    List<String> lines = Files.readAllLines(table);
    assertThat(lines).hasSize(measured + 2).startsWith("sinter schedules 1").contains(OTHER);
    assertThat(lines.subList(1, lines.size())).isSorted();
    Sinter compiled = Sinter.run("compile", text, "-o", folder.resolve("mlp.jar")).ok();
    assertThat(compiled.err()).contains(measured + 1 + " schedules from ");
    assertThat(run.err()).doesNotContain("taken for");
  }

  @Test
  void theTableThatIsNamedIsReadAndWrittenInsteadOfTheOneBeside() throws IOException {
    Path table = folder.resolve("known.schedules");
    StringBuilder known = new StringBuilder("sinter schedules 1\n");
    for (String tier : List.of("16", "32")) {
      for (String sizes : List.of("columns 32 depth 24", "columns 8 depth 32")) {
        String left = sizes.substring(sizes.length() - 2);
        known.append(
            "product %s f32 rows * %s times 1 left %s right panels -> 4x2 down\n"
                .formatted(tier, sizes, left));
      }
    }
    Files.writeString(table, known);
    Sinter run = Sinter.run("tune", text, "--seconds", "1", "-o", table).ok();
    assertThat(run.out()).startsWith("0 measured in ").contains("; 4 schedules in ");
    assertThat(run.err()).contains("N taken for 32");
    assertThat(folder.resolve("mlp.schedules")).doesNotExist();
  }

  @Test
  void faultsOfTheCommandLineAndTheTableAreToldBeforeAnythingIsMeasured() throws IOException {
    for (List<String> wrong :
        List.of(
            List.of("--seconds", "0"),
            List.of("--seconds", "1e9"),
            List.of("--input-shape", "x=16,0"),
            List.of("--input-shape", "x=16,,24"),
            List.of("--input-shape", "x=16"),
            List.of("--input-shape", "z=16,24"),
            List.of("--most-turns", "0"),
            List.of("--threads", "0"))) {
      Sinter run = Sinter.run("tune", text, wrong.get(0), wrong.get(1)).withoutStackTrace();
      assertThat(run.exitCode()).as(wrong.toString()).isEqualTo(1);
      boolean misfit = wrong.getFirst().equals("--input-shape");
      assertThat(run.err()).contains(misfit ? "error[SIN1003]" : wrong.getFirst());
    }
    assertThat(folder.resolve("mlp.schedules")).doesNotExist();
    Path table = Files.writeString(folder.resolve("mlp.schedules"), "no table\n");
    Sinter run = Sinter.run("tune", text).withoutStackTrace();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("error[SIN1002]");
    assertThat(table).hasContent("no table");
  }

  @Test
  void aPlaceWhereNoTableCanBeIsToldBeforeAnythingIsMeasured() {
    for (Path place : List.of(folder, text.resolve("a.schedules"), text.resolve("b/a.schedules"))) {
      Sinter run = Sinter.run("tune", text, "--seconds", "1", "-o", place).withoutStackTrace();
      assertThat(run.exitCode()).as(place.toString()).isEqualTo(1);
      assertThat(run.err()).contains(place.startsWith(text) ? "not a folder: " + text : "SIN0702");
      assertThat(run.err()).doesNotContain("taken for", "product");
    }
  }
}
