package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.runtime.DeviceException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What docs/CONTRACTS.md promises of every command.
class ContractsTest {
  @TempDir private Path folder;

  @Test
  void endsWith0AndHelpOnStdout() {
    Sinter help = Sinter.run("run", "--help").ok();
    assertThat(help.out()).contains("--input");
    assertThat(help.err()).isEmpty();
  }

  @Test
  void everyCommandHasHelpThatNamesItsOptions() {
    Main.commandLine()
        .getSubcommands()
        .forEach((name, command) -> {
          assertThat(Sinter.run(name, "--help").ok().out()).startsWith("Usage: sinter " + name);
          assertThat(command.getCommandSpec().usageMessage().description()).as(name).isNotEmpty();
          command
              .getCommandSpec()
              .options()
              .forEach(o -> assertThat(o.description()).as(name + " " + o).isNotEmpty());
        });
  }

  @Test
  void endsWith2AndAHintWhereTheCommandLineIsAtFault() {
    for (String[] wrong :
        new String[][] {{}, {"nonsense"}, {"run"}, {"run", "x.jar", "--input", "noequals"}}) {
      Sinter run = Sinter.run((Object[]) wrong).withoutStackTrace();
      assertThat(run.exitCode()).as(String.join(" ", wrong)).isEqualTo(2);
      assertThat(run.err()).contains("--help");
      assertThat(run.out()).isEmpty();
    }
  }

  @Test
  void endsWith1WhereAFileIsMissingOrIsNoModel() throws IOException {
    Path text = Files.writeString(folder.resolve("a.jar"), "no JAR");
    Path none = folder.resolve("none.jar");
    for (Path file : new Path[] {text, none}) {
      Sinter run = Sinter.run("run", file).withoutStackTrace();
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).startsWith("sinter: ").contains(file.getFileName().toString());
      assertThat(run.out()).isEmpty();
    }
  }

  @Test
  void answersOneDocumentAlsoWhereItFails() throws IOException {
    JsonObject usage = Sinter.run("fmt", "--json", "--nonsense").json();
    assertThat(usage.get("schema").getAsString()).isEqualTo("sinter.fault/1");
    assertThat(usage.get("exitCode").getAsInt()).isEqualTo(2);
    JsonObject missing = Sinter.run("run", folder.resolve("none.jar"), "--json").json();
    assertThat(missing.get("exitCode").getAsInt()).isEqualTo(1);
    assertThat(missing.get("message").getAsString()).contains("none.jar");
  }

  @Test
  void givesDiagnosticsToProgramsWithCodeAndPlace() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.sinter"), "model M {\n  a = (1\n}\n");
    Sinter run = Sinter.run("fmt", bad, "--json").withoutStackTrace();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("-->");
    JsonObject first = run.json().getAsJsonArray("diagnostics").get(0).getAsJsonObject();
    assertThat(first.get("code").getAsString()).matches("SIN\\d{4}");
    assertThat(first.get("message").getAsString()).isNotBlank();
    JsonObject place = first.getAsJsonObject("place");
    assertThat(Path.of(place.get("file").getAsString())).isEqualTo(bad).isAbsolute();
    assertThat(place.get("line").getAsInt()).isBetween(1, 3);
  }

  @Test
  void endsWith3WhereTheMachineIsAtFault() {
    assertThat(report(new DeviceException("no driver")).exitCode()).isEqualTo(3);
    assertThat(report(new IOException("disk full")).exitCode()).isEqualTo(3);
    assertThat(report(new OutOfMemoryError("heap")).exitCode()).isEqualTo(3);
  }

  @Test
  void endsWith70AndKeepsTheDetailsOfABugInAFile() throws IOException {
    for (Throwable bug :
        new Throwable[] {
          new CompilerBug("FuseRegions", "a value without a user"),
          new IllegalStateException("cannot be"),
          new StackOverflowError()
        }) {
      Sinter run = report(bug);
      assertThat(run.exitCode()).isEqualTo(70);
      assertThat(run.err()).contains("a bug in Sinter").doesNotContain("\tat ");
      Path dump = Path.of(run.json().get("dump").getAsString());
      assertThat(dump).isAbsolute();
      assertThat(run.err()).contains(dump.toString());
      assertThat(Files.readString(dump)).contains(bug.getClass().getName()).contains("\tat ");
      Files.delete(dump);
    }
  }

  private static Sinter report(Throwable fault) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    var command =
        Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int code = new Faults(false).report(fault, command, true);
    return new Sinter(code, out.toString(), err.toString());
  }
}
