use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, Iv, MessageDecrypter, MessageEncrypter, OutboundChunks,
    OutboundPlainMessage, Tls12AeadAlgorithm as _, Tls13AeadAlgorithm as _,
};
use rustls::{ContentType, Error, ProtocolVersion};

use super::{Tls12Ccm, Tls13Ccm};

#[test]
fn records_come_back_as_they_were() {
    for (mut write, mut read, name) in pairs() {
        for len in [0, 1, 15, 16, 17, 1000, 16384] {
            let record = seal(&mut *write, len, 7);
            assert_eq!(record.len(), write.encrypted_payload_len(len), "{name}");
            let opened = open(&mut *read, record, 7);
            assert_eq!(opened, Ok(vec![0x61; len]), "{name} {len}");
        }
    }
}

#[test]
fn a_record_out_of_place_or_cut_short_is_refused() {
    for (mut write, mut read, name) in pairs() {
        let record = seal(&mut *write, 30, 7);
        let refused = Err(Error::DecryptError);
        assert_eq!(open(&mut *read, record.clone(), 8), refused, "{name}");
        for len in 0..record.len() {
            assert_eq!(
                open(&mut *read, record[..len].to_vec(), 7),
                refused,
                "{name} {len}"
            );
        }
    }
}

#[test]
fn a_record_longer_than_tls_allows_is_refused() {
    for (mut write, mut read, name) in pairs() {
        let record = seal(&mut *write, 16385, 7);
        let opened = open(&mut *read, record, 7);
        assert_eq!(opened, Err(Error::PeerSentOversizedRecord), "{name}");
    }
}

/// No record is so long. Such a length is nevertheless an error, and no panic.
#[test]
fn what_the_counter_does_not_reach_is_an_error() {
    for (mut write, mut read, name) in pairs() {
        let content = vec![0x61; 0xff00];
        let message = OutboundPlainMessage {
            typ: ContentType::ApplicationData,
            version: ProtocolVersion::TLSv1_2,
            payload: OutboundChunks::Single(&content),
        };
        let error = write.encrypt(message, 7).err();
        assert_eq!(error, Some(Error::EncryptError), "{name}");
        let opened = open(&mut *read, vec![0; 0xffff], 7);
        assert_eq!(opened, Err(Error::DecryptError), "{name}");
    }
}

type Pair = (Box<dyn MessageEncrypter>, Box<dyn MessageDecrypter>, String);

fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for tag_len in [8, 16] {
        // Only rustls can make keys of another length. The records of TLS 1.3 are the same with both.
        let (key, salt) = (|| AeadKey::from([3; 32]), [4; 4]);
        let tls12 = Tls12Ccm {
            key_len: 32,
            tag_len,
        };
        let write = tls12.encrypter(key(), &salt, &[5; 8]);
        let read = tls12.decrypter(key(), &salt);
        pairs.push((write, read, format!("TLS 1.2, tags of {tag_len}")));
        let tls13 = Tls13Ccm { tag_len };
        let write = tls13.encrypter(key(), Iv::new([6; 12]));
        let read = tls13.decrypter(key(), Iv::new([6; 12]));
        pairs.push((write, read, format!("TLS 1.3, tags of {tag_len}")));
    }
    pairs
}

fn seal(write: &mut dyn MessageEncrypter, len: usize, seq: u64) -> Vec<u8> {
    let content = vec![0x61; len];
    let message = OutboundPlainMessage {
        typ: ContentType::ApplicationData,
        version: ProtocolVersion::TLSv1_2,
        payload: OutboundChunks::Single(&content),
    };
    write
        .encrypt(message, seq)
        .unwrap()
        .payload
        .as_ref()
        .to_vec()
}

fn open(read: &mut dyn MessageDecrypter, mut record: Vec<u8>, seq: u64) -> Result<Vec<u8>, Error> {
    let typ = ContentType::ApplicationData;
    let message = InboundOpaqueMessage::new(typ, ProtocolVersion::TLSv1_2, &mut record);
    read.decrypt(message, seq)
        .map(|message| message.payload.to_vec())
}
