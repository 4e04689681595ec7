package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleOptionsTest {
  private static final String TEXT =
      """
      model Dense {
        param weight: f32[40, 24] = normal(0, 1)
        fn forward(x: f32[13, 24]) -> f32[13, 40] = einsum{n i, o i -> n o}(x, weight)
      }
      """;

  private static final String TABLE =
      """
      sinter schedules 1
      product 16 f32 rows 13 columns 40 depth 24 times 1 left 24 right panels -> 2x3 across
      """;

  @TempDir private Path folder;
  private Path text;
  private Path table;

  @BeforeEach
  void write() throws IOException {
    text = Files.writeString(folder.resolve("dense.sinter"), TEXT);
    table = Files.writeString(folder.resolve("measured.schedules"), TABLE);
  }

  @Test
  void aTableDecidesWhatTileAProductHas() {
    String estimated = Sinter.run("explain", text, "--stage=loops").ok().out();
    String measured = Sinter.run("explain", text, "--stage=loops", "--schedules", table).ok().out();
    assertThat(estimated).doesNotContain("tile2x3");
    assertThat(measured).contains("tile2x3");
  }

  @Test
  void theTableBesideAModelIsReadUnlessAnotherIsNamed() throws IOException {
    Path jar = folder.resolve("dense.jar");
    Sinter.run("compile", text, "-o", jar).ok();
    Files.copy(table, folder.resolve("dense.schedules"));
    Sinter beside = Sinter.run("explain", text, "--stage=loops").ok();
    assertThat(beside.out()).contains("tile2x3");
    assertThat(beside.err()).contains("1 schedules from").contains("dense.schedules");
    Path tuned = folder.resolve("tuned.jar");
    Sinter.run("compile", text, "-o", tuned).ok();
    assertThat(Files.mismatch(jar, tuned)).isNotNegative();
    Path none = Files.writeString(folder.resolve("none.schedules"), "sinter schedules 1\n");
    Sinter.run("compile", text, "-o", tuned, "--schedules", none).ok();
    assertThat(Files.mismatch(jar, tuned)).isEqualTo(-1);
  }

  @Test
  void aTableThatCannotBeReadIsTheUsersFault() throws IOException {
    Files.writeString(table, TABLE.replace("2x3", "100x1"));
    Sinter run = Sinter.run("compile", text, "--schedules", table).withoutStackTrace();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("error[SIN1002]").contains("measured.schedules:2:");
    Files.write(table, new byte[2 << 20]);
    Sinter large = Sinter.run("compile", text, "--schedules", table).withoutStackTrace();
    assertThat(large.err()).contains("error[SIN0802]");
    Sinter missing = Sinter.run("run", text, "--schedules", folder.resolve("no"));
    assertThat(missing.withoutStackTrace().exitCode()).isEqualTo(1);
    Sinter whole = Sinter.run("explain", text, "--schedules", folder).withoutStackTrace();
    assertThat(whole.exitCode()).isEqualTo(1);
    assertThat(whole.err()).contains("error[SIN0702]", folder + " is a folder, not a table");
  }

  @Test
  void aJarIsCompiledAlready() {
    Path jar = folder.resolve("dense.jar");
    Sinter.run("compile", text, "-o", jar).ok();
    for (String option : List.of("--schedules=" + table, "--math=exact", "--model=Dense")) {
      Sinter run = Sinter.run("run", jar, option).withoutStackTrace();
      assertThat(run.exitCode()).as(option).isEqualTo(1);
      assertThat(run.err()).contains("a JAR has its own");
    }
  }
}
