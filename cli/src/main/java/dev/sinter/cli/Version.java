package dev.sinter.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/// What `sinter --version` prints: Sinter's version, which the build wrote beside this class, and
/// the JVM's.
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in == null) {
        throw new IOException("version.properties is missing beside " + Version.class.getName());
      }
      var properties = new Properties();
      properties.load(in);
      return new String[] {
        "sinter " + properties.getProperty("version"), "Java " + Runtime.version()
      };
    }
  }
}
