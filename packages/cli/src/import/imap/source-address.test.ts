import { describe, expect, it } from 'vitest';
import { isSourceUrl, parseSourceUrl } from './source-address.ts';

describe('parseSourceUrl()', () => {
  it.each<[string, object]>([
    [
      'imaps://mail.example.org',
      { host: 'mail.example.org', port: 993, tls: 'implicit', user: undefined },
    ],
    ['imap://mail.example.org/', { host: 'mail.example.org', port: 143, tls: 'starttls' }],
    ['IMAPS://mail.example.org:1993', { port: 1993, tls: 'implicit' }],
    ['imaps://[2001:db8::1]:994', { host: '2001:db8::1', port: 994 }],
    ['imaps://anna%40example.org@192.0.2.1', { host: '192.0.2.1', user: 'anna@example.org' }],
  ])('reads %s', (text, expected) => {
    expect(isSourceUrl(text)).toBe(true);
    expect(parseSourceUrl(text)).toMatchObject(expected);
  });

  it.each<[string, RegExp]>([
    ['imaps://', /no address of a server/],
    ['imaps://host:99999', /no address of a server/],
    ['imaps://ho st', /no address of a server/],
    ['imaps://host/INBOX', /folders are chosen by --folder/],
    ['imaps://host?x', /folders are chosen by --folder/],
    ['imaps://%ff@host', /wrongly escaped/],
  ])('refuses %s', (text, message) => {
    expect(() => parseSourceUrl(text)).toThrow(message);
  });

  it('refuses a password, and does not repeat it', () => {
    const parse = (): unknown => parseSourceUrl('imaps://anna:sesame@host');
    expect(parse).toThrow(/--password-file/);
    expect(parse).toThrow(/^(?!.*sesame)/);
  });

  it.each([
    'imaps://anna:s3cret@mail.example.org:99399',
    'imaps://anna:s3cret x@mail.example.org',
    'imaps://anna:s3cret#x@mail.example.org',
    'imaps://anna:s3cret%/x@mail.example.org',
    'imaps://anna:143/s3cret@mail.example.org',
    'imaps://anna:143#s3cret@mail.example.org',
    'imaps://anna%s3cret@mail.example.org',
  ])('repeats nothing of %s', (text) => {
    const parse = (): unknown => parseSourceUrl(text);
    expect(parse).toThrow(/address/);
    expect(parse).toThrow(/^(?![^]*(?:s3cret|anna))/);
  });

  it.each(['/home/anna/Maildir', 'mail.mbox', 'imaps:/x', 'pop3://host', './imap://'])(
    '%s is a path',
    (text) => {
      expect(isSourceUrl(text)).toBe(false);
    },
  );
});
