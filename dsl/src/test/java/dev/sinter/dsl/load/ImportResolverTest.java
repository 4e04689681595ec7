package dev.sinter.dsl.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportResolverTest {
  private final Diagnostics diagnostics = new Diagnostics();

  private Optional<SourceSet> resolve(String main, Map<String, String> others) {
    SourceLoader loader =
        path -> Optional.ofNullable(others.get(path)).map(text -> new SourceText(path, text));
    return ImportResolver.resolve(new SourceText("main.sinter", main), loader, diagnostics);
  }

  private List<DiagnosticCode> codes() {
    return diagnostics.list().stream().map(Diagnostic::code).toList();
  }

  private static String block(String name) {
    return "module " + name + " { fn (x: f32[N]) -> f32[N] = x }\n";
  }

  @Test
  void findsFilesBesideTheOneThatImportsThem() {
    SourceSet set =
        resolve(
                "import zoo.net.{Net}\n" + block("Main"),
                Map.of(
                    "zoo/net.sinter",
                    "import parts.{Part}\n" + block("Net"),
                    "zoo/parts.sinter",
                    block("Part")))
            .orElseThrow();
    assertThat(set.files().keySet().stream().filter(path -> !path.startsWith("std/")))
        .containsExactlyInAnyOrder("", "zoo/net.sinter", "zoo/parts.sinter");
    SourceSet.Target net = Objects.requireNonNull(set.main().names().get("Net"));
    assertThat(own(set.home(net))).containsExactlyInAnyOrder("Part", "Net");
    assertThat(own(set.main())).containsExactlyInAnyOrder("Net", "Main");
  }

  /// The names that are not the standard library's.
  private static List<String> own(SourceSet.Unit unit) {
    return unit.names().entrySet().stream()
        .filter(e -> !e.getValue().path().startsWith("std/"))
        .map(Map.Entry::getKey)
        .toList();
  }

  @Test
  void saysWhichFileIsMissing() {
    assertThat(resolve("import a.b.{C}\n", Map.of())).isEmpty();
    assertThat(codes()).containsExactly(DiagnosticCode.FILE_NOT_FOUND);
    assertThat(diagnostics.list().getFirst().message()).contains("a/b.sinter");
  }

  @Test
  void saysWhatAFileDefinesInstead() {
    resolve("import a.{Bloc}\n", Map.of("a.sinter", block("Block")));
    assertThat(codes()).containsExactly(DiagnosticCode.UNKNOWN_IMPORT);
    assertThat(diagnostics.list().getFirst().notes()).containsExactly("it defines Block");
  }

  @Test
  void reportsACycleWithEachStep() {
    resolve(
        "import a.{A}\n",
        Map.of(
            "a.sinter", "import b.{B}\n" + block("A"), "b.sinter", "import a.{A}\n" + block("B")));
    assertThat(codes()).containsExactly(DiagnosticCode.IMPORT_CYCLE);
    assertThat(diagnostics.list().getFirst().secondary()).hasSize(2);
  }

  @Test
  void oneNameIsOneThing() {
    resolve(
        "import a.{B}\n" + block("B") + block("C") + block("C"), Map.of("a.sinter", block("B")));
    assertThat(codes())
        .containsExactly(DiagnosticCode.DUPLICATE_NAME, DiagnosticCode.DUPLICATE_NAME);
  }

  @Test
  void aBrokenFileIsReadOnce() {
    resolve("import a.{A}\nimport a.{B}\n", Map.of("a.sinter", "module {"));
    assertThat(codes()).containsExactly(DiagnosticCode.UNBALANCED_BRACKET);
  }

  @Test
  void readsNoFileOutsideOfTheFolder(@TempDir Path folder) throws IOException {
    Path inside = Files.createDirectory(folder.resolve("inside"));
    Path outside = Files.writeString(folder.resolve("secret.sinter"), block("Secret"));
    Files.createSymbolicLink(inside.resolve("link.sinter"), outside);
    Files.write(inside.resolve("binary.sinter"), new byte[] {(byte) 0xff, (byte) 0xfe});
    ImportResolver.resolve(
        new SourceText("main.sinter", "import link.{Secret}\nimport binary.{A}\n"),
        new FolderLoader(inside),
        diagnostics);
    assertThat(codes())
        .containsExactly(DiagnosticCode.FILE_NOT_READABLE, DiagnosticCode.FILE_NOT_READABLE);
  }
}
