//! Who listens where: `/proc` of Linux.
//!
//! Two servers that are started at the same moment may be given the same port. The one that loses the race must not
//! be taken for ready because the other one answers.

use std::fs;

/// Whether this very process listens on this TCP port, on any address.
pub(super) fn listens(pid: u32, port: u16) -> bool {
    let table =
        |name: &str| fs::read_to_string(format!("/proc/{pid}/net/{name}")).unwrap_or_default();
    let inodes = listeners(&format!("{}{}", table("tcp"), table("tcp6")), port);
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    files.flatten().any(|file| {
        let target = fs::read_link(file.path()).unwrap_or_default();
        let target = target.to_string_lossy();
        let inode = target
            .strip_prefix("socket:[")
            .and_then(|rest| rest.strip_suffix(']'));
        inode.is_some_and(|inode| inodes.iter().any(|known| known == inode))
    })
}

/// The inodes of the sockets that listen on a port, from `/proc/net/tcp` (proc(5)).
fn listeners(table: &str, port: u16) -> Vec<String> {
    // The second field is the local address and port in hexadecimal, the fourth the state, the tenth the inode.
    const LISTEN: &str = "0A";
    let wanted = format!("{port:04X}");
    let mut inodes = Vec::new();
    for line in table.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, local, _, state, _, _, _, _, _, inode, ..] = fields[..] else {
            continue;
        };
        if state == LISTEN
            && local
                .rsplit_once(':')
                .is_some_and(|(_, port)| port == wanted)
        {
            inodes.push(inode.to_owned());
        }
    }
    inodes
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    use super::*;

    #[test]
    fn only_listening_sockets_of_the_port_count() {
        // Recorded from /proc/net/tcp on Linux 6.18; 0x4AC6 is 19142.
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:4AC6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17820 1 000000002accb7ab 100 0 0 10 0\n   \
            1: 0100007F:4AC6 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 17830 1 000000002accb7ac 100 0 0 10 0\n";
        assert_eq!(listeners(table, 19_142), ["17820"]);
        assert_eq!(listeners(table, 19_143), Vec::<String>::new());
    }

    #[test]
    fn this_process_listens_where_it_listens() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let me = std::process::id();
        assert!(listens(me, port));
        let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        assert!(
            !listens(me, client.local_addr().unwrap().port()),
            "a client does not listen"
        );
        drop(listener);
        assert!(!listens(me, port));
    }
}
