package dev.sinter.ir.diagnostic;

import java.io.Serial;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A fault of the compiler's own, never of the user's text: names the pass and where its dump lies.
public final class CompilerBug extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final String pass;
  private final @Nullable String dump;

  public CompilerBug(String pass, String message) {
    this(pass, message, null, null);
  }

  /// @param pass the name of the pass or stage that broke
  /// @param dump the file that holds what it worked on, if one was written
  public CompilerBug(String pass, String message, @Nullable Path dump, @Nullable Throwable cause) {
    super("bug in " + pass + ": " + message + (dump == null ? "" : " (see " + dump + ")"), cause);
    this.pass = pass;
    this.dump = dump == null ? null : dump.toString();
  }

  public String pass() {
    return pass;
  }

  /// Where what the pass worked on was written.
  public Optional<Path> dump() {
    return Optional.ofNullable(dump).map(Path::of);
  }
}
