package dev.sinter.codegen.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// NVIDIA's assembler, where it is on the PATH.
final class Ptxas {
  private static final Pattern SPILLS = Pattern.compile("(\\d+) bytes spill stores, (\\d+) bytes");
  private static final Pattern USED = Pattern.compile("Used (\\d+) registers");

  private Ptxas() {}

  /// Fails unless `module` assembles for sm_80 without a spill; skips the test, and says so, where
  /// there is no ptxas.
  static void assemble(PtxModule module) {
    Path ptxas = find();
    if (ptxas == null) {
      String skipped = "no ptxas on the PATH: PTX is not assembled by this test";
      System.err.println("SKIPPED: " + skipped);
      assumeTrue(false, skipped);
      return;
    }
    try {
      Path folder = Files.createTempDirectory("sinter-ptx");
      Path ptx = Files.writeString(folder.resolve("module.ptx"), module.text());
      Path log = folder.resolve("log");
      Process process =
          new ProcessBuilder(
                  ptxas.toString(),
                  "-arch=sm_80",
                  "-v",
                  "-o",
                  folder.resolve("module.cubin").toString(),
                  ptx.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      int code = process.waitFor();
      String output = Files.readString(log);
      assertThat(code).as(output + "\n" + module.text()).isZero();
      Matcher spills = SPILLS.matcher(output);
      int entries = 0;
      while (spills.find()) {
        entries++;
        assertThat(spills.group(1) + " " + spills.group(2)).as(output).isEqualTo("0 0");
      }
      assertThat(entries).as(output).isEqualTo(module.entries().size());
      assertThat(USED.matcher(output).results().count()).isEqualTo(entries);
      for (String name : new String[] {"module.ptx", "module.cubin", "log"}) {
        Files.deleteIfExists(folder.resolve(name));
      }
      Files.delete(folder);
    } catch (IOException fault) {
      throw new java.io.UncheckedIOException(fault);
    } catch (InterruptedException fault) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(fault);
    }
  }

  private static @org.jspecify.annotations.Nullable Path find() {
    String path = System.getenv("PATH");
    for (String folder : (path == null ? "" : path).split(File.pathSeparator, -1)) {
      Path file = Path.of(folder, "ptxas");
      if (!folder.isEmpty() && Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }
}
