// Turns PEM files into the PKCS#12 stores that Java servers want, without any tool but the JDK.
// Arguments: server key, server certificate, authority, key store to write, trust store to write, password.

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

final class PemStores {
    private PemStores() {}

    public static void main(String[] args) throws Exception {
        Certificate server = certificate(args[1]);
        Certificate authority = certificate(args[2]);
        char[] password = args[5].toCharArray();

        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("server", key(args[0]), password, new Certificate[] {server, authority});
        save(keys, args[3], password);

        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry("authority", authority);
        save(trust, args[4], password);
    }

    private static byte[] pem(String file) throws Exception {
        StringBuilder text = new StringBuilder();
        for (String line : Files.readAllLines(Path.of(file), StandardCharsets.US_ASCII)) {
            if (!line.startsWith("-----")) {
                text.append(line.trim());
            }
        }
        return Base64.getDecoder().decode(text.toString());
    }

    private static Certificate certificate(String file) throws Exception {
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem(file)));
    }

    // Keys made by xtask are on an elliptic curve (P-256).
    private static PrivateKey key(String file) throws Exception {
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pem(file)));
    }

    private static void save(KeyStore store, String file, char[] password) throws Exception {
        try (OutputStream out = Files.newOutputStream(Path.of(file))) {
            store.store(out, password);
        }
    }
}
