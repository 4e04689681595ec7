package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FmtCommandTest {
  private static final String LOOSE = "// one more\nfn   after( x:f32[..S] )->f32[..S]=x+1\n";

  @TempDir private Path folder;

  @Test
  void putsATextIntoItsCanonicalFormOnce() throws IOException {
    Path file = Files.writeString(folder.resolve("a.sinter"), LOOSE);
    assertThat(Sinter.run("fmt", file).ok().out()).contains("a.sinter");
    assertThat(Files.readString(file))
        .isEqualTo("// one more\nfn after(x: f32[..S]) -> f32[..S] = x + 1\n");
    assertThat(Sinter.run("fmt", file).ok().out()).isEmpty();
  }

  @Test
  void checksWithoutWriting() throws IOException {
    Path file = Files.writeString(folder.resolve("a.sinter"), LOOSE);
    Sinter check = Sinter.run("fmt", "--check", file);
    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(check.out()).contains("a.sinter");
    assertThat(Files.readString(file)).isEqualTo(LOOSE);
    Sinter.run("fmt", file).ok();
    Sinter.run("fmt", "--check", file).ok();
  }

  @Test
  void listsFilesAsJson() throws IOException {
    Path file = Files.writeString(folder.resolve("a.sinter"), LOOSE);
    JsonObject answer = Sinter.run("fmt", file, "--json").ok().json();
    assertThat(answer.get("schema").getAsString()).isEqualTo("sinter.fmt/1");
    JsonObject formatted = answer.getAsJsonArray("files").get(0).getAsJsonObject();
    assertThat(Path.of(formatted.get("file").getAsString())).isAbsolute().isEqualTo(file);
    assertThat(formatted.get("changed").getAsBoolean()).isTrue();
  }

  @Test
  void writesNothingIfOneTextIsBroken() throws IOException {
    Path good = Files.writeString(folder.resolve("a.sinter"), LOOSE);
    Path bad = Files.writeString(folder.resolve("b.sinter"), "model {");
    Sinter run = Sinter.run("fmt", good, bad).withoutStackTrace();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("error[SIN").contains("b.sinter:1:");
    assertThat(Files.readString(good)).isEqualTo(LOOSE);
  }
}
